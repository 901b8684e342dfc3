namespace OrleansStream.Client;

/// <summary>Waits that double from a first one up to a largest one, with a jitter of 20 % so that clients spread out.</summary>
internal struct RetryBackoff(TimeSpan first, TimeSpan largest)
{
    private int _attempts;

    public readonly int Attempts => _attempts;

    public TimeSpan Next()
    {
        var factor = 1L << Math.Min(_attempts++, 20);
        var plain = Math.Min(first.Ticks * (double)factor, largest.Ticks);
        return TimeSpan.FromTicks((long)(plain * (0.8 + (0.4 * Random.Shared.NextDouble()))));
    }

    public void Reset() => _attempts = 0;
}
