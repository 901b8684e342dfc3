using System.Diagnostics;

namespace OrleansStream.Storage.Benchmarks;

/// <summary>Wall-clock and processor time of a stretch of work.</summary>
internal readonly struct Measurement
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly TimeSpan _processor = Process.GetCurrentProcess().TotalProcessorTime;

    public Measurement()
    {
    }

    public Result Stop(long bytes) => new(
        bytes,
        Stopwatch.GetElapsedTime(_started),
        Process.GetCurrentProcess().TotalProcessorTime - _processor);

    internal readonly record struct Result(long Bytes, TimeSpan Wall, TimeSpan Processor)
    {
        public double MegabytesPerSecond => Bytes / 1e6 / Wall.TotalSeconds;

        public double ProcessorSecondsPerGigabyte => Processor.TotalSeconds / (Bytes / 1e9);

        public override string ToString() => $"{MegabytesPerSecond,8:F0} MB/s {ProcessorSecondsPerGigabyte,6:F2} CPU s/GB";
    }
}
