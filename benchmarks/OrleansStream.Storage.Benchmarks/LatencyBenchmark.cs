using System.Diagnostics;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Benchmarks;

/// <summary>One append and its flush at a time, beside one synchronous write of the same size at a time.</summary>
internal static class LatencyBenchmark
{
    public static async Task RunAsync(BenchmarkArguments arguments)
    {
        var count = arguments.Int("count", 500);
        var pause = TimeSpan.FromMicroseconds(arguments.Int("pause-us", 1000));
        var batch = BenchmarkLogs.Batch(arguments.Int("batch", 1024));
        for (var round = 0; round < arguments.Int("rounds", 3); round++)
        {
            var raw = await RawAsync(arguments, batch, count, pause);
            var log = await LogAsync(arguments, batch, count, pause);
            Console.WriteLine($"raw write {raw}   append + flush {log}");
        }
    }

    private static async Task<Percentiles> RawAsync(BenchmarkArguments arguments, byte[] batch, int count, TimeSpan pause)
    {
        using var file = PhysicalLogFileSystem.Instance.OpenWrite(Path.Combine(arguments.FreshDirectory("raw"), "file"));
        var position = 0L;
        var samples = new double[count];
        for (var i = 0; i < count; i++)
        {
            await PauseAsync(pause);
            var started = Stopwatch.GetTimestamp();
            file.Write([batch], position);
            samples[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            position += batch.Length;
        }

        return new Percentiles(samples);
    }

    private static async Task<Percentiles> LogAsync(BenchmarkArguments arguments, byte[] batch, int count, TimeSpan pause)
    {
        await using var environment = BenchmarkLogs.Environment(arguments);
        await using var log = await BenchmarkLogs.OpenAsync(environment, arguments.FreshDirectory("log"));
        var samples = new double[count];
        for (var i = -20; i < count; i++)
        {
            await PauseAsync(pause);
            var started = Stopwatch.GetTimestamp();
            var end = log.Append(batch, log.LogEndOffset, 0);
            await log.FlushAsync(end, CancellationToken.None);
            if (i >= 0)
            {
                samples[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            }
        }

        return new Percentiles(samples);
    }

    private static Task PauseAsync(TimeSpan pause) => pause > TimeSpan.Zero ? Task.Delay(pause) : Task.CompletedTask;

    private readonly struct Percentiles
    {
        private readonly double[] _sorted;

        public Percentiles(double[] samples)
        {
            _sorted = samples;
            Array.Sort(_sorted);
        }

        public override string ToString() => $"p50 {_sorted[_sorted.Length / 2],6:F0} µs p99 {_sorted[_sorted.Length * 99 / 100],6:F0} µs";
    }
}
