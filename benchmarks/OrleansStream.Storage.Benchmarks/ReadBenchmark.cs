using OrleansStream.Protocol.Records;

namespace OrleansStream.Storage.Benchmarks;

/// <summary>Sequential reads, as a consumer makes them, of a log that is in the page cache, and of a tail that is in memory.</summary>
internal static class ReadBenchmark
{
    public static async Task RunAsync(BenchmarkArguments arguments)
    {
        var bytes = arguments.Int("mib", 1024) * 1024L * 1024;
        var maxBytes = arguments.Int("max-bytes", 1024 * 1024);
        var batch = BenchmarkLogs.Batch(arguments.Int("batch", 16 * 1024));
        var directory = arguments.FreshDirectory("log");
        await using (var environment = BenchmarkLogs.Environment(arguments))
        {
            await using var log = await BenchmarkLogs.OpenAsync(environment, directory);
            for (var written = 0L; written < bytes; written += batch.Length)
            {
                await log.WaitForRoomAsync(batch.Length, CancellationToken.None);
                log.Append(batch, log.LogEndOffset, 0);
            }

            await log.FlushAsync(log.LogEndOffset, CancellationToken.None);
            var tail = Math.Max(0, log.LogEndOffset - (1024 * 1024 / Math.Max(1, batch.Length) * (log.LogEndOffset / Math.Max(1, bytes / batch.Length))));
            for (var round = 0; round < 2; round++)
            {
                var measurement = new Measurement();
                var read = 0L;
                for (var i = 0; i < 200; i++)
                {
                    read += await ReadFromAsync(log, tail, maxBytes);
                }

                Console.WriteLine($"tail in memory {measurement.Stop(read)}");
            }
        }

        await using (var environment = BenchmarkLogs.Environment(arguments))
        {
            await using var log = await BenchmarkLogs.OpenAsync(environment, directory);
            for (var round = 0; round < 3; round++)
            {
                var measurement = new Measurement();
                var read = await ReadFromAsync(log, 0, maxBytes);
                Console.WriteLine($"files from the beginning {measurement.Stop(read)}");
            }
        }
    }

    private static async Task<long> ReadFromAsync(PartitionLog log, long offset, int maxBytes)
    {
        var read = 0L;
        while (true)
        {
            var result = await log.ReadAsync(offset, long.MaxValue, maxBytes, minOneMessage: true, CancellationToken.None);
            if (result.Records.Length == 0)
            {
                return read;
            }

            read += result.Records.Length;
            foreach (var batch in RecordBatch.Enumerate(result.Records.Span))
            {
                offset = batch.NextOffset;
            }
        }
    }
}
