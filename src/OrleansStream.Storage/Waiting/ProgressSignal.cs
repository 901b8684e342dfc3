namespace OrleansStream.Storage.Waiting;

/// <summary>
/// Counts what a log has brought to the disk, for the few threads that block until it moves. Who wants to wait takes
/// <see cref="Current"/> before looking at the state that keeps it from going on, so that no signal is missed.
/// </summary>
internal sealed class ProgressSignal
{
    private readonly object _moved = new();
    private long _current;

    /// <summary>What to hand to <see cref="Wait"/>.</summary>
    public long Current => Volatile.Read(ref _current);

    /// <summary>Wakes all who wait; called after the state has changed.</summary>
    public void Signal()
    {
        lock (_moved)
        {
            Volatile.Write(ref _current, _current + 1);
            Monitor.PulseAll(_moved);
        }
    }

    /// <summary>Blocks until there was a signal since <paramref name="seen"/> was taken.</summary>
    public void Wait(long seen)
    {
        lock (_moved)
        {
            while (_current == seen)
            {
                Monitor.Wait(_moved);
            }
        }
    }
}
