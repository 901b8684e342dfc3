using FASTER.core;

namespace OrleansStream.Storage.Benchmarks;

/// <summary>
/// The log against a raw FasterLog loop: the same bytes in entries of the same size, both durable, both with flushes that
/// serve whatever was appended meanwhile. The raw loop is what figures of the whole broker are compared with.
/// </summary>
internal static class ThroughputBenchmark
{
    public static async Task RunAsync(BenchmarkArguments arguments)
    {
        var bytes = arguments.Int("mib", 1024) * 1024L * 1024;
        var batch = BenchmarkLogs.Batch(arguments.Int("batch", 16 * 1024));
        Console.WriteLine($"batches of {batch.Length} bytes, {bytes >> 20} MiB a round");
        for (var round = 0; round < arguments.Int("rounds", 3); round++)
        {
            var raw = await RawAsync(arguments, batch, bytes);
            var log = await LogAsync(arguments, batch, bytes);
            Console.WriteLine($"raw FasterLog {raw}   PartitionLog {log}   ratio {log.MegabytesPerSecond / raw.MegabytesPerSecond:F2}");
        }
    }

    /// <summary>FasterLog with its own device and commit files, at most one commit in flight, as fast as one thread can.</summary>
    private static async Task<Measurement.Result> RawAsync(BenchmarkArguments arguments, byte[] batch, long bytes)
    {
        var directory = arguments.FreshDirectory("raw");
        using var device = Devices.CreateLogDevice(Path.Combine(directory, "log"));
        using var log = new FasterLog(new FasterLogSettings
        {
            LogDevice = device,
            LogCommitDir = directory,
            PageSize = Math.Max(arguments.Int("raw-page", 256 * 1024), (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)batch.Length + 64)),
            MemorySize = arguments.Int("raw-buffer", 4 * 1024 * 1024),
            SegmentSize = 64 * 1024 * 1024,
            LogCommitPolicy = LogCommitPolicy.MaxParallel(1),
            TryRecoverLatest = false,
        });
        var measurement = new Measurement();
        for (var written = 0L; written < bytes; written += batch.Length)
        {
            log.Enqueue(batch);
            log.Commit();
        }

        await log.CommitAsync();
        return measurement.Stop(bytes);
    }

    private static async Task<Measurement.Result> LogAsync(BenchmarkArguments arguments, byte[] batch, long bytes)
    {
        var directory = arguments.FreshDirectory("log");
        await using var environment = BenchmarkLogs.Environment(arguments);
        await using var log = await BenchmarkLogs.OpenAsync(environment, directory);
        var measurement = new Measurement();
        for (var written = 0L; written < bytes; written += batch.Length)
        {
            await log.WaitForRoomAsync(batch.Length, CancellationToken.None);
            log.Append(batch, log.LogEndOffset, 0);
        }

        await log.FlushAsync(log.LogEndOffset, CancellationToken.None);
        return measurement.Stop(bytes);
    }
}
