using OrleansStream.Core.Quotas;
using OrleansStream.Gateway.Requests;

namespace OrleansStream.Gateway.Quotas;

/// <summary>
/// Meters what clients produce and fetch, and mutes the connections of those that are over their quota (KIP-13, KIP-219): they are answered
/// at once, told for how long, and not read from for that time. Thread-safe.
/// </summary>
internal sealed class ClientThrottle
{
    /// <summary>The user of a client that has not said who it is; nobody can say so yet.</summary>
    private const string Anonymous = "ANONYMOUS";

    /// <summary>How many users and client ids are remembered; more than that within a few seconds are clients that make ids up.</summary>
    private const int MaxBuckets = 100_000;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ClientQuotas _quotas;
    private volatile QuotaTable _table = QuotaTable.Empty;

    /// <summary>Makes it without quotas.</summary>
    public ClientThrottle(KafkaGatewayOptions options, TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _quotas = new ClientQuotas(options.QuotaWindowNum, options.QuotaWindowSizeSeconds * 1000L, MaxBuckets);
    }

    private long NowMs => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Other quotas hold from now on.</summary>
    public void Use(QuotaTable table)
    {
        lock (_lock)
        {
            _quotas.Table = table;
        }

        _table = table;
    }

    /// <summary>Meters a produce request, which is carried out in any case.</summary>
    /// <returns>How long its connection is muted, in milliseconds.</returns>
    public int ChargeProduce(RequestContext context)
    {
        if (!_table.HasAny(QuotaKind.Produce))
        {
            return 0;
        }

        int throttleMs;
        lock (_lock)
        {
            throttleMs = _quotas.Charge(QuotaKind.Produce, Anonymous, context.ClientId, context.RequestBytes, NowMs);
        }

        return Mute(context, throttleMs);
    }

    /// <summary>Meters the records of an answer to a fetch, unless they are too much for now.</summary>
    /// <returns>0 if they may be sent; else how long the connection is muted, in milliseconds, and nothing may be sent.</returns>
    public int ChargeFetch(RequestContext context, long bytes)
    {
        if (!_table.HasAny(QuotaKind.Fetch))
        {
            return 0;
        }

        int throttleMs;
        lock (_lock)
        {
            throttleMs = _quotas.TryCharge(QuotaKind.Fetch, Anonymous, context.ClientId, bytes, NowMs);
        }

        return Mute(context, throttleMs);
    }

    /// <summary>The most bytes that a fetch of the client can be answered with.</summary>
    public int MostOfFetch(RequestContext context)
    {
        if (!_table.HasAny(QuotaKind.Fetch))
        {
            return int.MaxValue;
        }

        lock (_lock)
        {
            return (int)Math.Min(_quotas.MostAtOnce(QuotaKind.Fetch, Anonymous, context.ClientId), int.MaxValue);
        }
    }

    private int Mute(RequestContext context, int throttleMs)
    {
        if (throttleMs > 0)
        {
            context.Client.Mute(TimeSpan.FromMilliseconds(throttleMs), _time);
        }

        return throttleMs;
    }
}
