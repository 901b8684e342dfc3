namespace OrleansStream.Client;

/// <summary>One assigned partition. Everything in it belongs to the lock of its <see cref="ConsumerCore"/>.</summary>
internal sealed class ConsumerPartition(TopicPartition topicPartition, OffsetSpec start)
{
    private long _position = start.IsOffset ? start.Offset : -1;
    private long _heldOffset;

    public TopicPartition TopicPartition => topicPartition;

    /// <summary>Grows when the partition is sought or unassigned: what was fetched or asked for before is void then.</summary>
    public int Version { get; private set; }

    /// <summary>Where to start, as long as <see cref="HasPosition"/> is false.</summary>
    public OffsetSpec Start { get; private set; } = start;

    public bool HasPosition => _position >= 0;

    /// <summary>The offset of the next record to hand out; -1 while it is not known.</summary>
    public long Position
    {
        get => Current is { } cursor && cursor.Version == Version ? cursor.NextOffset : _position;
        set => _position = value;
    }

    /// <summary>The first offset that is not fetched.</summary>
    public long FetchOffset { get; set; } = start.IsOffset ? start.Offset : -1;

    public int Leader { get; set; } = -1;

    public int LeaderEpoch { get; set; } = -1;

    public bool HasLeader => Leader >= 0;

    /// <summary>The broker to fetch from: the replica that the leader has named because it is nearer (KIP-392), or the leader.</summary>
    public int FetchedFrom => ReadReplica >= 0 ? ReadReplica : Leader;

    /// <summary>The replica that the leader has named to read from; -1 for the leader itself.</summary>
    public int ReadReplica { get; private set; } = -1;

    /// <summary>When <see cref="ReadReplica"/> was named, a timestamp: after a while the leader is asked again.</summary>
    public long ReadReplicaSince { get; private set; }

    /// <summary>Reads from another replica than the leader from now on; -1 for the leader again.</summary>
    public void ReadFrom(int replica, long now) => (ReadReplica, ReadReplicaSince) = (replica, now);

    /// <summary>Whether the application has paused it.</summary>
    public bool IsPausedByApplication { get; set; }

    /// <summary>Whether its claim has enough to do (see <see cref="ConsumerClaim{TKey, TValue}"/>).</summary>
    public bool IsBlocked { get; set; }

    public bool IsPaused => IsPausedByApplication || IsBlocked;

    public bool IsRemoved { get; private set; }

    /// <summary>Whether leader or position is being found out.</summary>
    public bool IsResolving { get; set; }

    /// <summary>Whether a request for it is under way.</summary>
    public bool IsFetching { get; set; }

    /// <summary>Whether it stands in the queue of those that have something to hand out.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether nothing is fetched until what is fetched has been handed out, because a failure stands behind it.</summary>
    public bool IsHalted { get; set; }

    /// <summary>Since when no broker knows it, as a timestamp; null while one does.</summary>
    public long? UnknownSince { get; set; }

    public RetryBackoff Backoff;

    /// <summary>How long to wait before the next request for it.</summary>
    public TimeSpan Pause { get; set; }

    /// <summary>Whether the metadata that named the leader turned out to be old.</summary>
    public bool NeedsRefresh { get; set; }

    public Queue<FetchedChunk> Chunks { get; } = new();

    public long BufferedBytes { get; set; }

    /// <summary>The batch that is being handed out, also while the partition is paused.</summary>
    public BatchCursor? Current { get; set; }

    /// <summary>Where that begins which the reader has taken and may not have processed; see <see cref="ConsumerCore.HandOut"/>.</summary>
    public long HeldOffset
    {
        get => Volatile.Read(ref _heldOffset);
        set => Volatile.Write(ref _heldOffset, value);
    }

    /// <summary>The leader epoch of the last batch that was handed out; -1 if none was.</summary>
    public int ConsumedEpoch { get; set; } = -1;

    public Watermarks? Watermarks { get; set; }

    /// <summary>Whether more was there to be fetched when a broker last answered.</summary>
    public bool IsBehind => Watermarks is { } watermarks && watermarks.HighWatermark > FetchOffset;

    /// <summary>Whether there is something to hand out.</summary>
    public bool HasData => Current is not null || Chunks.Count > 0;

    /// <summary>Drops what was fetched and starts elsewhere; returns the bytes that this frees.</summary>
    public long MoveTo(OffsetSpec offset)
    {
        Version++;
        Start = offset;
        ConsumedEpoch = -1;
        HeldOffset = long.MaxValue;
        _position = offset.IsOffset ? offset.Offset : -1;
        FetchOffset = _position;
        Current = null;
        Chunks.Clear();
        IsHalted = false;
        IsResolving = false;
        IsFetching = false;
        UnknownSince = null;
        Pause = TimeSpan.Zero;
        var freed = BufferedBytes;
        BufferedBytes = 0;
        return freed;
    }

    public long Remove()
    {
        IsRemoved = true;
        return MoveTo(OffsetSpec.At(0));
    }

    /// <summary>Takes the position that was found for <see cref="Start"/>.</summary>
    public void StartAt(long offset)
    {
        _position = offset;
        FetchOffset = offset;
    }

    /// <summary>Asks for the leader again, after a pause, because something did not go as it should.</summary>
    public void LoseLeader(bool refresh)
    {
        Leader = -1;
        ReadReplica = -1;
        NeedsRefresh |= refresh;
        Pause = Backoff.Next();
    }
}
