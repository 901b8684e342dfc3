using System.Runtime.InteropServices;

namespace OrleansStream.Cli.Bench;

/// <summary>
/// Pauses shorter than the millisecond that timers count in: a thread of its own sleeps and then lets the waiter go on.
/// Without it a bench at 1,000 records/s would measure its own timer. One waiter at a time.
/// </summary>
internal sealed partial class ShortSleeper : IDisposable
{
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly SemaphoreSlim _over = new(0);
    private TimeSpan _time;
    private volatile bool _isDisposed;

    /// <summary>Starts the thread.</summary>
    public ShortSleeper() => new Thread(Run) { IsBackground = true, Name = "bench pace" }.Start();

    /// <summary>Sleeps.</summary>
    /// <param name="time">How long; below a second.</param>
    /// <param name="cancellationToken">Ends the wait, after which no other may begin.</param>
    public Task SleepAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        _time = time;
        _wanted.Release();
        return _over.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _wanted.Release();
    }

    private static void Sleep(TimeSpan time)
    {
        if (OperatingSystem.IsLinux())
        {
            // A signal may end it early; whoever waits looks at the clock again.
            var wanted = new TimeSpec { Nanoseconds = (nint)(time.Ticks * TimeSpan.NanosecondsPerTick) };
            _ = NanoSleep(wanted, 0);
        }
        else
        {
            Thread.Sleep(time < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : time);
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec wanted, nint remaining);

    private void Run()
    {
        while (true)
        {
            _wanted.Wait();
            if (_isDisposed)
            {
                return;
            }

            Sleep(_time);
            _over.Release();
        }
    }

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
