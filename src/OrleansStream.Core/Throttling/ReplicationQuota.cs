namespace OrleansStream.Core.Throttling;

/// <summary>
/// The bytes per second that the throttled replicas of a broker may take, as leaders or as followers (KIP-73). Bytes of replicas in sync count
/// too, so that all of it stays below the quota, but only what is not in sync waits for room: who asks for that asks <see cref="RoomAt"/>.
/// </summary>
/// <remarks>
/// <para>Kafka sends a whole answer as soon as the quota is not exceeded, and waits then. Here an answer takes what there is room for, and at
/// most what the quota gives in one window. A single batch goes out whole, however much it is too large. One that is larger than all windows together would be
/// forgotten before its time is over; it is kept in mind until then, so that no rate is too low to hold.</para>
/// <para>There is no room for less than a twentieth of a second's worth: otherwise answers would come in ever smaller pieces.</para>
/// <para>Deterministic: time comes with each call. Not thread-safe.</para>
/// </remarks>
public sealed class ReplicationQuota
{
    private const int PiecesPerSecond = 20;

    private readonly SampledRate _rate;
    private readonly long _windowMs;
    private long _excessSinceMs;
    private long _excess;

    /// <summary>Makes a quota without a limit.</summary>
    /// <param name="windows">How many windows the rate is measured over.</param>
    /// <param name="windowMs">The length of one, in milliseconds.</param>
    public ReplicationQuota(int windows, long windowMs)
    {
        _rate = new SampledRate(windows, windowMs);
        _windowMs = windowMs;
    }

    /// <summary>The limit; <see cref="long.MaxValue"/> for none, 0 lets nothing through that is not in sync.</summary>
    public long BytesPerSecond { get; set; } = long.MaxValue;

    /// <summary>Everything that was counted since the start, in bytes.</summary>
    public long TotalBytes { get; private set; }

    private bool IsUnlimited => BytesPerSecond == long.MaxValue;

    /// <summary>Counts bytes of a throttled replica, whether there was room for them or not.</summary>
    public void Record(long bytes, long nowMs)
    {
        _rate.Record(bytes, nowMs);
        TotalBytes += bytes;
        if (!IsUnlimited && bytes > Worth(_rate.SpanMs))
        {
            _excess = (long)Math.Min(long.MaxValue, ExcessAt(nowMs) + (double)bytes);
            _excessSinceMs = nowMs;
        }
    }

    /// <summary>The bytes that a replica which is not in sync may take now; 0 while it has to wait.</summary>
    public long RoomAt(long nowMs)
    {
        if (IsUnlimited)
        {
            return long.MaxValue;
        }

        var (counted, elapsedMs) = _rate.Measure(nowMs);
        var room = Worth(elapsedMs) - counted;
        return ExcessAt(nowMs) > 0 || room < Piece ? 0 : (long)Math.Min(room, Math.Max(Piece, Worth(_windowMs)));
    }

    /// <summary>
    /// The milliseconds until there may be room, at least 1; 0 if there is some now. Whoever waited asks again: others may have taken it.
    /// </summary>
    public long MsUntilRoom(long nowMs)
    {
        if (RoomAt(nowMs) > 0)
        {
            return 0;
        }

        if (BytesPerSecond == 0)
        {
            return _rate.SpanMs;
        }

        if (ExcessAt(nowMs) is var excess and > 0)
        {
            return MsFor(excess);
        }

        // Either the time goes on, or something is forgotten.
        var wait = MsFor(_rate.Measure(nowMs).Value + Piece) - _rate.AgeMs(nowMs);
        return Math.Max(1, _rate.ForgetsAtMs(nowMs) is { } forgotten ? Math.Min(wait, forgotten - nowMs) : wait);
    }

    private double Piece => Math.Max(1, (double)BytesPerSecond / PiecesPerSecond);

    /// <summary>What is left of a batch that the windows are too short for; with a higher rate they may be long enough.</summary>
    private double ExcessAt(long nowMs) => _excess <= Worth(_rate.SpanMs) ? 0 : Math.Max(0, _excess - Worth(nowMs - _excessSinceMs));

    private double Worth(long milliseconds) => (double)BytesPerSecond * milliseconds / 1000;

    private long MsFor(double bytes) => (long)Math.Ceiling(Math.Min(bytes * 1000 / BytesPerSecond, int.MaxValue));
}
