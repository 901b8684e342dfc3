namespace OrleansStream.Core.Replicas;

/// <summary>What the leader knows of a follower, from the follower's fetches.</summary>
internal sealed class FollowerProgress
{
    private long _lastFetchMs;
    private long _leaderEndAtLastFetch;

    public FollowerProgress(int brokerId, long nowMs)
    {
        BrokerId = brokerId;
        LastCaughtUpMs = nowMs;
    }

    public int BrokerId { get; }

    /// <summary>The registration that the fetches came from; -1 until it has fetched in this epoch.</summary>
    public long BrokerEpoch { get; private set; } = -1;

    /// <summary>The first offset that is not on the follower's stable storage; -1 until it has fetched in this epoch.</summary>
    public long FlushedEndOffset { get; private set; } = -1;

    /// <summary>The last moment at which the follower had everything that the leader had.</summary>
    public long LastCaughtUpMs { get; private set; }

    /// <summary>
    /// A follower has caught up as of now if it has the leader's end, and as of its fetch before if it now has what
    /// was the leader's end then: so a busy partition does not push a follower out that is always one fetch behind.
    /// </summary>
    public void OnFetch(long brokerEpoch, long flushedEndOffset, long leaderEndOffset, long nowMs)
    {
        if (flushedEndOffset >= leaderEndOffset)
        {
            LastCaughtUpMs = Math.Max(LastCaughtUpMs, nowMs);
        }
        else if (brokerEpoch == BrokerEpoch && flushedEndOffset >= _leaderEndAtLastFetch)
        {
            LastCaughtUpMs = Math.Max(LastCaughtUpMs, _lastFetchMs);
        }

        // A report may have overtaken the fetch. Within one leader epoch the log of one registration is not cut any more once it was compared.
        FlushedEndOffset = brokerEpoch == BrokerEpoch ? Math.Max(FlushedEndOffset, flushedEndOffset) : flushedEndOffset;
        BrokerEpoch = brokerEpoch;
        _leaderEndAtLastFetch = leaderEndOffset;
        _lastFetchMs = nowMs;
    }

    /// <summary>More of what the follower has fetched is on its disk.</summary>
    public void OnFlushed(long flushedEndOffset, long leaderEndOffset, long nowMs)
    {
        FlushedEndOffset = flushedEndOffset;
        if (flushedEndOffset >= leaderEndOffset)
        {
            LastCaughtUpMs = Math.Max(LastCaughtUpMs, nowMs);
        }
        else if (flushedEndOffset >= _leaderEndAtLastFetch)
        {
            LastCaughtUpMs = Math.Max(LastCaughtUpMs, _lastFetchMs);
        }
    }
}
