namespace OrleansStream.Simulation.Tests.Scheduling;

/// <summary>The only clock and the only order of events. What is due at the same time happens in the order in which it was scheduled.</summary>
internal sealed class Scheduler
{
    private readonly PriorityQueue<Action, (long DueMs, long Sequence)> _events = new();
    private long _sequence;

    /// <summary>The time, milliseconds.</summary>
    public long NowMs { get; private set; }

    /// <summary>How many events have happened.</summary>
    public long Steps { get; private set; }

    public void At(long dueMs, Action action) => _events.Enqueue(action, (Math.Max(dueMs, NowMs), _sequence++));

    public void After(long delayMs, Action action) => At(NowMs + delayMs, action);

    /// <summary>Lets the next event happen unless it is due later than a time.</summary>
    public bool TryStep(long untilMs)
    {
        if (!_events.TryPeek(out var action, out var priority) || priority.DueMs > untilMs)
        {
            NowMs = Math.Max(NowMs, untilMs);
            return false;
        }

        _events.Dequeue();
        NowMs = priority.DueMs;
        Steps++;
        action();
        return true;
    }
}
