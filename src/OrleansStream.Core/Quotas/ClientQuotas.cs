namespace OrleansStream.Core.Quotas;

/// <summary>
/// What clients have used of their quotas on a broker, and how long one that has used too much has to be held up (KIP-13, KIP-219). The rates
/// are those of Kafka's ClientQuotaManager. Not thread-safe.
/// </summary>
public sealed class ClientQuotas
{
    private const int PiecesPerWindow = 4;

    private readonly int _samples;
    private readonly long _windowMs;
    private readonly int _maxBuckets;
    private readonly Dictionary<(QuotaKind Kind, QuotaBucket Bucket), LinkedListNode<Usage>> _usages = [];

    // In order of the last use: what is to be forgotten first stands first.
    private readonly LinkedList<Usage> _byAge = new();

    /// <summary>Makes it with nothing used and no quotas.</summary>
    /// <param name="samples"><c>quota.window.num</c>, the window under way included.</param>
    /// <param name="windowMs"><c>quota.window.size.seconds</c>, in milliseconds.</param>
    /// <param name="maxBuckets">How many users and client ids are remembered; beyond that those that were idle the longest are forgotten.</param>
    public ClientQuotas(int samples, long windowMs, int maxBuckets)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(windowMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBuckets);
        (_samples, _windowMs, _maxBuckets) = (samples, windowMs, maxBuckets);
    }

    /// <summary>The quotas that hold. New ones judge what was used before as well.</summary>
    public QuotaTable Table { get; set; } = QuotaTable.Empty;

    /// <summary>How many users and client ids are remembered.</summary>
    public int BucketCount => _usages.Count;

    /// <summary>Adds what a client has used, whether it was too much or not.</summary>
    /// <param name="kind">What was used.</param>
    /// <param name="user">The client's user.</param>
    /// <param name="clientId">The client's id; null or empty if it has none.</param>
    /// <param name="amount">How much.</param>
    /// <param name="nowMs">The time on a clock that never goes back.</param>
    /// <returns>How long to hold the client up, in milliseconds, so that the rate is the quota at the end of that time; 0 if it is below.</returns>
    public int Charge(QuotaKind kind, string user, string? clientId, long amount, long nowMs)
    {
        if (Table.Find(kind, user, clientId) is not { } limit)
        {
            return 0;
        }

        var rate = Use(kind, limit.Bucket, nowMs);
        rate.Record(amount, nowMs);
        return ThrottleMs(rate, limit.PerSecond, nowMs);
    }

    /// <summary>
    /// Adds what a client is about to use, unless that is too much: then nothing is added. What is too much for any time passes when the client
    /// has used nothing else, or it would never get it.
    /// </summary>
    /// <returns>0 if the client may use it; else how long it has to wait before it asks again.</returns>
    public int TryCharge(QuotaKind kind, string user, string? clientId, long amount, long nowMs)
    {
        if (Table.Find(kind, user, clientId) is not { } limit)
        {
            return 0;
        }

        var rate = Use(kind, limit.Bucket, nowMs);
        var isFirst = rate.Sum(nowMs) <= 0;
        rate.Record(amount, nowMs);
        var throttleMs = isFirst ? 0 : ThrottleMs(rate, limit.PerSecond, nowMs);
        if (throttleMs > 0)
        {
            rate.Record(-amount, nowMs);
        }

        return throttleMs;
    }

    /// <summary>
    /// The most that a client should be given at a time: a part of what its quota allows in one window. Kafka gives as much as all windows allow,
    /// and what does not fit any more is held back as a whole: the larger the pieces, the further below its quota the client stays.
    /// </summary>
    /// <returns>The most; <see cref="long.MaxValue"/> without a quota.</returns>
    public long MostAtOnce(QuotaKind kind, string user, string? clientId)
    {
        var most = Table.Find(kind, user, clientId) is { } limit ? limit.PerSecond * _windowMs / 1000 / PiecesPerWindow : double.MaxValue;
        return most >= long.MaxValue ? long.MaxValue : (long)Math.Ceiling(most);
    }

    private static int ThrottleMs(SampledRate rate, double limit, long nowMs)
    {
        var spanMs = rate.SpanMs(nowMs);
        var observed = rate.Sum(nowMs) * 1000 / spanMs;
        return observed > limit ? (int)Math.Min(Math.Round((observed - limit) / limit * spanMs, MidpointRounding.AwayFromZero), int.MaxValue) : 0;
    }

    private SampledRate Use(QuotaKind kind, QuotaBucket bucket, long nowMs)
    {
        // What lies before the windows counts for nothing, so forgetting it changes nothing.
        while (_byAge.First is { } oldest && nowMs - oldest.Value.LastUsedMs > (_samples + 1) * _windowMs)
        {
            Forget(oldest);
        }

        var key = (kind, bucket);
        if (_usages.TryGetValue(key, out var node))
        {
            _byAge.Remove(node);
        }
        else
        {
            if (_usages.Count >= _maxBuckets)
            {
                Forget(_byAge.First!);
            }

            node = new LinkedListNode<Usage>(new Usage(key, new SampledRate(_samples, _windowMs)));
            _usages.Add(key, node);
        }

        node.Value.LastUsedMs = nowMs;
        _byAge.AddLast(node);
        return node.Value.Rate;
    }

    private void Forget(LinkedListNode<Usage> node)
    {
        _byAge.Remove(node);
        _usages.Remove(node.Value.Key);
    }

    private sealed class Usage((QuotaKind Kind, QuotaBucket Bucket) key, SampledRate rate)
    {
        public (QuotaKind Kind, QuotaBucket Bucket) Key { get; } = key;

        public SampledRate Rate { get; } = rate;

        public long LastUsedMs { get; set; }
    }
}
