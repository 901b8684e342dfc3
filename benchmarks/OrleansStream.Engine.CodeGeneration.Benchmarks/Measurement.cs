using System.Diagnostics;

namespace OrleansStream.Engine.CodeGeneration.Benchmarks;

/// <summary>Measures an operation on one thread: processor time, since other work may share the machine, and allocated bytes.</summary>
internal static class Measurement
{
    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(300);

    public static (double NanosecondsPerOperation, long BytesPerOperation) Of(Action operation)
    {
        // Warm enough for the optimising compiler, then as often as it takes to be certain.
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Enough;)
        {
            operation();
        }

        var best = double.MaxValue;
        var bytes = long.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            long count = 0;
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Environment.CpuUsage.TotalTime;
            TimeSpan used;
            do
            {
                for (var i = 0; i < 256; i++)
                {
                    operation();
                }

                count += 256;
                used = Environment.CpuUsage.TotalTime - started;
            }
            while (used < Enough);

            best = Math.Min(best, used.TotalNanoseconds / count);
            bytes = Math.Min(bytes, (GC.GetAllocatedBytesForCurrentThread() - allocated) / count);
        }

        return (best, bytes);
    }
}
