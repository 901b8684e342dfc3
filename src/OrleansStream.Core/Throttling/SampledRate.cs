namespace OrleansStream.Core.Throttling;

/// <summary>
/// A rate over the last windows, as Kafka measures it for replication (<c>SimpleRate</c>): what was counted in the windows that are kept, over
/// the time since the oldest of them began, which is at least one window. A window of time in which nothing came is not kept.
/// </summary>
/// <remarks>Deterministic: time comes with each call and does not go back. Not thread-safe.</remarks>
public sealed class SampledRate
{
    private readonly Queue<Sample> _samples = new();
    private readonly int _windows;
    private readonly long _windowMs;
    private Sample? _current;

    /// <summary>Makes a rate of which nothing is known yet.</summary>
    /// <param name="windows">How many windows count (<c>replication.quota.window.num</c>).</param>
    /// <param name="windowMs">The length of one, in milliseconds.</param>
    public SampledRate(int windows, long windowMs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(windows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowMs, 1L);
        (_windows, _windowMs) = (windows, windowMs);
    }

    /// <summary>The time over which something counts, in milliseconds.</summary>
    public long SpanMs => _windows * _windowMs;

    /// <summary>Counts something.</summary>
    public void Record(long value, long nowMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Forget(nowMs);
        if (_current is null || nowMs - _current.StartMs >= _windowMs)
        {
            _current = new Sample(nowMs);
            _samples.Enqueue(_current);
        }

        _current.Value += value;
        _current.LastMs = nowMs;
    }

    /// <summary>What is counted, and over how long: at least one window, so that little time makes no high rate.</summary>
    public (long Value, long ElapsedMs) Measure(long nowMs)
    {
        Forget(nowMs);
        var value = 0L;
        foreach (var sample in _samples)
        {
            value += sample.Value;
        }

        return (value, Math.Max(_windowMs, AgeMs(nowMs)));
    }

    /// <summary>The time since the oldest window that is kept began, in milliseconds; 0 if there is none.</summary>
    public long AgeMs(long nowMs)
    {
        Forget(nowMs);
        return _samples.TryPeek(out var oldest) ? nowMs - oldest.StartMs : 0;
    }

    /// <summary>When the oldest of what is counted stops to count; null if nothing is counted.</summary>
    public long? ForgetsAtMs(long nowMs)
    {
        Forget(nowMs);
        return _samples.TryPeek(out var oldest) ? oldest.LastMs + SpanMs : null;
    }

    /// <summary>A window that began before the span still counts while its last event lies within.</summary>
    private void Forget(long nowMs)
    {
        while (_samples.TryPeek(out var oldest) && nowMs - oldest.LastMs >= SpanMs)
        {
            _samples.Dequeue();
            if (_samples.Count == 0)
            {
                _current = null;
            }
        }
    }

    private sealed class Sample(long startMs)
    {
        public long StartMs { get; } = startMs;

        public long LastMs { get; set; } = startMs;

        public long Value { get; set; }
    }
}
