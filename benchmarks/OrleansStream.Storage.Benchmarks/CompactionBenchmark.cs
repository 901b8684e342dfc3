using System.Buffers.Binary;
using System.Diagnostics;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Storage.Benchmarks;

/// <summary>
/// Many records over fewer keys are compacted to one record a key. What is left is checked record by record; the heap is
/// sampled while the passes run.
/// </summary>
internal static class CompactionBenchmark
{
    private const int BatchBytes = 32 * 1024;

    public static async Task<int> RunAsync(BenchmarkArguments arguments)
    {
        var records = arguments.Int("records", 50_000_000);
        var keys = arguments.Int("keys", 1_000_000);
        var valueBytes = arguments.Int("value", 40);
        var memory = new CompactionMemory((long)arguments.Int("dedupe-mib", 128) << 20);
        await using var environment = BenchmarkLogs.Environment(arguments);
        var partition = new TopicPartition("compacted", 0);
        var config = LogConfig.Default with { SegmentMs = 1, Compaction = CompactionConfig.Default };
        await using var log = await PartitionLog.OpenAsync(new PartitionLogOptions(
            PartitionDirectories.PathOf(arguments.FreshDirectory("compaction"), partition), partition, Guid.Empty, config, environment));

        var append = new Measurement();
        var lastOffsets = await AppendAsync(log, records, keys, valueBytes);
        Console.WriteLine($"appended  {records:N0} records over {keys:N0} keys, {log.SizeBytes / 1e6:F0} MB: {append.Stop(log.SizeBytes)}");

        var passes = 0;
        using var sampling = new CancellationTokenSource();
        var peak = SampleAsync(sampling.Token);
        var compaction = new Measurement();
        long read = 0;
        while (await log.CompactAsync(new CompactionRequest(log.LogEndOffset, 0, new Dictionary<long, ActiveProducer>()), memory, CancellationToken.None) is { IsDone: true } result)
        {
            passes++;
            read += result.RecordsRead;
            Console.Error.WriteLine($"pass {passes}: up to offset {result.CleanedOffset:N0}, {result.RecordsKept:N0} of {result.RecordsRead:N0} records stay");
        }

        var done = compaction.Stop(1);
        await sampling.CancelAsync();
        var (heap, resident) = await peak;
        Console.WriteLine($"compacted in {passes} passes, {done.Wall.TotalSeconds:F1} s, {done.Processor.TotalSeconds:F1} CPU s, {read / done.Processor.TotalSeconds / 1e6:F2} million records per CPU s; {log.SizeBytes / 1e6:F0} MB are left");
        Console.WriteLine($"heap at most {heap >> 20} MiB, resident at most {resident >> 20} MiB");
        var left = await VerifyAsync(log, lastOffsets);
        Console.WriteLine($"left      {left:N0} records, one for each key, each the last of its key");
        return left == keys ? 0 : 1;
    }

    private static async Task<long[]> AppendAsync(PartitionLog log, int records, int keys, int valueBytes)
    {
        var lastOffsets = new long[keys];
        using var builder = new RecordBatchBuilder(initialCapacity: 2 * BatchBytes);
        var key = new byte[8];
        var value = new byte[valueBytes];
        for (var i = 0; i < records; i++)
        {
            // The first round names each key once, the others in an order of no pattern.
            var number = i < keys ? i : (int)((((ulong)i * 0x9E3779B97F4A7C15UL) >> 20) % (ulong)keys);
            lastOffsets[number] = i;
            BinaryPrimitives.WriteInt64BigEndian(key, number);
            BinaryPrimitives.WriteInt64BigEndian(value, i);
            builder.Append(i, key, value);
            if (builder.SizeInBytes >= BatchBytes || i == records - 1)
            {
                using var batch = builder.Close();
                await log.WaitForRoomAsync(batch.SizeInBytes, CancellationToken.None);
                log.Append(batch.Memory, log.LogEndOffset, 0);
            }
        }

        await log.FlushAsync(log.LogEndOffset, CancellationToken.None);
        return lastOffsets;
    }

    private static async Task<(long Heap, long Resident)> SampleAsync(CancellationToken cancellationToken)
    {
        (long Heap, long Resident) peak = default;
        while (!cancellationToken.IsCancellationRequested)
        {
            using var process = Process.GetCurrentProcess();
            peak = (Math.Max(peak.Heap, GC.GetTotalMemory(false)), Math.Max(peak.Resident, process.WorkingSet64));
            await Task.Delay(50, CancellationToken.None);
        }

        return peak;
    }

    private static async Task<int> VerifyAsync(PartitionLog log, long[] lastOffsets)
    {
        using var reader = new RecordReader();
        var seen = new bool[lastOffsets.Length];
        var count = 0;
        for (var offset = log.LogStartOffset; offset < log.LogEndOffset;)
        {
            var read = await log.ReadAsync(offset, long.MaxValue, 1 << 20, minOneMessage: true, CancellationToken.None);
            foreach (var batch in RecordBatch.Enumerate(read.Records))
            {
                offset = batch.Header.NextOffset;
                reader.Open(batch.Memory);
                while (reader.TryRead(out var record))
                {
                    var key = (int)BinaryPrimitives.ReadInt64BigEndian(record.Key.Span);
                    var value = BinaryPrimitives.ReadInt64BigEndian(record.Value.Span);
                    if (seen[key] || record.Offset != lastOffsets[key] || value != record.Offset)
                    {
                        throw new InvalidDataException($"Key {key} has a record at offset {record.Offset} with value {value}; the last one was at {lastOffsets[key]}.");
                    }

                    seen[key] = true;
                    count++;
                }
            }
        }

        return count;
    }
}
