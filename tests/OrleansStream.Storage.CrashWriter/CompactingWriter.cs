using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Storage.CrashWriter;

/// <summary>
/// Writes values and tombstones for a few keys and compacts all the time, until it is killed. It prints "key offset value" (a
/// value of - is a tombstone) for each record once it is flushed, and "pass offset" after each pass.
/// </summary>
public static class CompactingWriter
{
    /// <summary>The keys that are written to.</summary>
    public const int Keys = 300;

    /// <summary>What the log is opened with: small segments, and tombstones that go with the second pass that meets them.</summary>
    public static PartitionLogOptions Options(string dataDirectory, LogEnvironment environment)
    {
        var topicPartition = new TopicPartition("compacted", 0);
        return new PartitionLogOptions(
            PartitionDirectories.PathOf(dataDirectory, topicPartition),
            topicPartition,
            Guid.Empty,
            LogConfig.Default with { SegmentBytes = 64 * 1024, Compaction = new CompactionConfig(0, 0, 0, long.MaxValue) },
            environment);
    }

    /// <summary>Runs until the process is killed.</summary>
    public static async Task RunAsync(string dataDirectory, int seed)
    {
        var options = new LogEnvironmentOptions { CheckpointInterval = TimeSpan.FromMilliseconds(5), QuietCheckpointTime = TimeSpan.FromMilliseconds(1) };
        await using var environment = new LogEnvironment(options, TimeProvider.System, NullLoggerFactory.Instance);
        var log = await PartitionLog.OpenAsync(Options(dataDirectory, environment));
        using var output = Console.OpenStandardOutput();
        var writing = new SemaphoreSlim(1);
        await Task.WhenAll(Task.Run(() => WriteAsync(log, seed, PrintAsync)), Task.Run(() => CompactAsync(log, seed, PrintAsync)));

        async Task PrintAsync(string text)
        {
            await writing.WaitAsync();
            try
            {
                await output.WriteAsync(Encoding.ASCII.GetBytes(text));
            }
            finally
            {
                writing.Release();
            }
        }
    }

    private static async Task WriteAsync(PartitionLog log, int seed, Func<string, Task> print)
    {
        var random = new Random(seed);
        while (true)
        {
            using var builder = new RecordBatchBuilder(random.Next(2) == 0 ? CompressionType.None : CompressionType.Gzip);
            var lines = new StringBuilder();
            for (var i = random.Next(1, 40); i > 0; i--)
            {
                var key = random.Next(Keys).ToString(CultureInfo.InvariantCulture);
                var value = random.Next(4) == 0 ? null : random.Next().ToString(CultureInfo.InvariantCulture) + new string('.', random.Next(200));
                lines.Append(CultureInfo.InvariantCulture, $"{key} {log.LogEndOffset + builder.RecordCount} {value ?? "-"}\n");
                builder.Append(1, Encoding.ASCII.GetBytes(key), value is null ? NullableSpan.Null : Encoding.ASCII.GetBytes(value));
            }

            using var batch = builder.Close();
            await log.WaitForRoomAsync(batch.SizeInBytes, CancellationToken.None);
            var end = log.Append(batch.Memory, log.LogEndOffset, 0);
            await log.FlushAsync(end, CancellationToken.None);
            await print(lines.ToString());
        }
    }

    private static async Task CompactAsync(PartitionLog log, int seed, Func<string, Task> print)
    {
        var random = new Random(seed + 1);
        var producers = new Dictionary<long, ActiveProducer>();
        while (true)
        {
            // Sometimes the keys do not fit into the map.
            var memory = new CompactionMemory(random.Next(3) == 0 ? 24 * 100 : 1 << 20);
            var result = await log.CompactAsync(new CompactionRequest(log.FlushedOffset, random.Next(1, 1_000), producers), memory, CancellationToken.None);
            if (result.IsDone)
            {
                await print($"pass {result.CleanedOffset}\n");
            }
        }
    }
}
