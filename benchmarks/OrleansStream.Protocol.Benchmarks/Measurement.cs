using System.Diagnostics;

namespace OrleansStream.Protocol.Benchmarks;

/// <summary>
/// Times an action in processor time of this process, so that a busy machine does not count, and takes the best of
/// several rounds.
/// </summary>
internal static class Measurement
{
    private const int Rounds = 7;
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(300);

    /// <summary>Set when a benchmark allocated what it must not.</summary>
    public static bool HasFailed { get; private set; }

    /// <summary>Nanoseconds per unit of work, and allocated bytes per unit of work.</summary>
    /// <param name="unitsPerCall">How many units one call of <paramref name="action"/> does.</param>
    /// <param name="action">The work.</param>
    public static (double Nanoseconds, double AllocatedBytes) Run(double unitsPerCall, Action action)
    {
        var calls = Calibrate(action);
        var best = double.MaxValue;
        var allocated = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var cpu = Environment.CpuUsage.TotalTime;
            for (var call = 0L; call < calls; call++)
            {
                action();
            }

            best = Math.Min(best, (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / (calls * unitsPerCall));
            allocated = Math.Min(allocated, (GC.GetAllocatedBytesForCurrentThread() - bytes) / (calls * unitsPerCall));
        }

        return (best, allocated);
    }

    /// <summary>Reports a time per record, and a fault if more was allocated than allowed.</summary>
    public static void Report(string name, (double Nanoseconds, double AllocatedBytes) result, double allowedBytes)
    {
        var isWithin = result.AllocatedBytes <= allowedBytes;
        HasFailed |= !isWithin;
        Console.WriteLine($"{name,-62} {result.Nanoseconds,8:F1} ns/record {result.AllocatedBytes,8:F3} B/record{(isWithin ? string.Empty : $"  FAILED: at most {allowedBytes} B/record")}");
    }

    /// <summary>Reports a throughput.</summary>
    public static void ReportThroughput(string name, (double Nanoseconds, double AllocatedBytes) perByte) =>
        Console.WriteLine($"{name,-62} {1 / perByte.Nanoseconds,8:F2} GB/s");

    /// <summary>Runs until the tiered compiler has finished with the action, and finds how often a round repeats it.</summary>
    private static long Calibrate(Action action)
    {
        var clock = Stopwatch.StartNew();
        long calls = 0;
        while (clock.Elapsed < RoundTime * 2)
        {
            action();
            calls++;
        }

        Thread.Sleep(150);
        return Math.Max(calls / 2, 1);
    }
}
