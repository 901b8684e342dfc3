namespace OrleansStream.Core.Quotas;

/// <summary>
/// A rate over the last windows, as Kafka's Rate of a SampledStat keeps it: the window under way and those before it, where missing ones count
/// as empty, so that a burst is spread over all windows.
/// </summary>
internal sealed class SampledRate
{
    private readonly Sample[] _samples;
    private readonly int _count;
    private readonly long _windowMs;
    private int _used;
    private int _current;

    /// <summary>Makes a rate of so many windows, the one under way included.</summary>
    public SampledRate(int count, long windowMs)
    {
        _count = count;
        _windowMs = windowMs;

        // One more, for the window that lies half before the time that is looked at.
        _samples = new Sample[count + 1];
    }

    /// <summary>Adds to the window under way.</summary>
    public void Record(double value, long nowMs)
    {
        if (_used == 0)
        {
            _samples[_used++].Reset(nowMs);
        }
        else if (nowMs - _samples[_current].StartMs >= _windowMs)
        {
            _current = (_current + 1) % _samples.Length;
            _used = Math.Max(_used, _current + 1);
            _samples[_current].Reset(nowMs);
        }

        _samples[_current].Value += value;
        _samples[_current].LastEventMs = nowMs;
    }

    /// <summary>What was recorded in the windows that count.</summary>
    public double Sum(long nowMs)
    {
        Purge(nowMs);
        var sum = 0.0;
        foreach (ref readonly var sample in _samples.AsSpan(0, _used))
        {
            sum += sample.Value;
        }

        return sum;
    }

    /// <summary>The time that the windows span: all but the one under way count in full.</summary>
    public long SpanMs(long nowMs)
    {
        Purge(nowMs);
        var oldest = nowMs;
        foreach (ref readonly var sample in _samples.AsSpan(0, _used))
        {
            oldest = Math.Min(oldest, sample.StartMs);
        }

        var elapsed = nowMs - oldest;
        var missing = _count - 1 - (elapsed / _windowMs);
        return Math.Max(missing > 0 ? elapsed + (missing * _windowMs) : elapsed, 1);
    }

    private void Purge(long nowMs)
    {
        foreach (ref var sample in _samples.AsSpan(0, _used))
        {
            if (nowMs - sample.LastEventMs >= _count * _windowMs)
            {
                sample.Reset(nowMs);
            }
        }
    }

    private struct Sample
    {
        public long StartMs;
        public long LastEventMs;
        public double Value;

        public void Reset(long nowMs) => (StartMs, LastEventMs, Value) = (nowMs, nowMs, 0);
    }
}
