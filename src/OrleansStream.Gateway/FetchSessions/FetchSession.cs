using OrleansStream.Abstractions;

namespace OrleansStream.Gateway.FetchSessions;

/// <summary>
/// What a client and the broker have agreed to fetch (KIP-227), so that each side sends only what has changed. A proper client
/// has one request of a session under way at a time, but nothing keeps another from sending more, on several connections
/// even: <see cref="Lock"/> is held while a request's changes are applied and while an answer is made.
/// </summary>
internal sealed class FetchSession(int id, bool usesTopicIds)
{
    private readonly Dictionary<(Guid TopicId, string Topic, int Partition), SessionPartition> _partitions = [];
    private readonly LinkedList<SessionPartition> _order = new();

    /// <summary>Guards everything but <see cref="NextEpoch"/> and <see cref="LastUsed"/>, which are the cache's.</summary>
    public Lock Lock { get; } = new();

    /// <summary>The session's number; never 0.</summary>
    public int Id { get; } = id;

    /// <summary>Whether its requests name topics by their ids (KIP-516); all or none of them do.</summary>
    public bool UsesTopicIds { get; } = usesTopicIds;

    /// <summary>The epoch that the next request must have.</summary>
    public int NextEpoch { get; private set; } = 1;

    /// <summary>The number of partitions.</summary>
    public int Count => _partitions.Count;

    /// <summary>When the session was last used, as a timestamp of the cache's clock.</summary>
    public long LastUsed { get; set; }

    /// <summary>The partitions, those first that have waited longest for their turn.</summary>
    public IReadOnlyList<SessionPartition> Partitions => [.. _order];

    /// <summary>Adds a partition or changes what is asked of it.</summary>
    public void Set(FetchPartition partition)
    {
        var key = (partition.TopicId, partition.Topic, partition.Partition);
        if (_partitions.TryGetValue(key, out var existing))
        {
            existing.Request = partition;
            return;
        }

        var added = new SessionPartition(partition);
        _partitions.Add(key, added);
        added.Place = _order.AddLast(added);
    }

    /// <summary>Takes a partition out.</summary>
    public void Forget(Guid topicId, string topic, int partition)
    {
        if (_partitions.Remove((topicId, topic, partition), out var removed) && removed.Place is { } place)
        {
            _order.Remove(place);
            removed.Place = null;
        }
    }

    /// <summary>Puts a partition that was just served behind the others, so that each gets its turn within the request's bytes.</summary>
    public void MoveToEnd(SessionPartition partition)
    {
        // It may have been forgotten while it was fetched.
        if (partition.Place is { } place)
        {
            _order.Remove(place);
            _order.AddLast(place);
        }
    }

    /// <summary>Goes on to the next epoch; after the largest number comes 1.</summary>
    public void Advance() => NextEpoch = NextEpoch == int.MaxValue ? 1 : NextEpoch + 1;
}

/// <summary>One partition of a session.</summary>
/// <param name="request">What the client asks.</param>
internal sealed class SessionPartition(FetchPartition request)
{
    /// <summary>What the client asks.</summary>
    public FetchPartition Request { get; set; } = request;

    /// <summary>Where it stands in its session's order; null outside a session.</summary>
    public LinkedListNode<SessionPartition>? Place { get; set; }

    /// <summary>The high watermark that the client was told, -1 for none.</summary>
    public long SentHighWatermark { get; set; } = -1;

    /// <summary>The log start offset that the client was told, -1 for none.</summary>
    public long SentLogStartOffset { get; set; } = -1;
}
