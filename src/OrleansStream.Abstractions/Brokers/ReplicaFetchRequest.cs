using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A follower broker's fetch over the partitions that it copies from one leader broker.</summary>
/// <param name="ReplicaId">The follower's broker id.</param>
/// <param name="BrokerEpoch">The follower's registration (KIP-903).</param>
/// <param name="MaxWaitMs">How long to wait for <paramref name="MinBytes"/>.</param>
/// <param name="MinBytes">Answer as soon as so many bytes are there.</param>
/// <param name="MaxBytes">The most bytes in the whole answer; the first non-empty partition, and the first throttled one, may exceed it by one batch.</param>
/// <param name="Partitions">What to read.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ReplicaFetchRequest")]
public sealed record ReplicaFetchRequest(
    [property: Id(0)] int ReplicaId,
    [property: Id(1)] long BrokerEpoch,
    [property: Id(2)] int MaxWaitMs,
    [property: Id(3)] int MinBytes,
    [property: Id(4)] int MaxBytes,
    [property: Id(5)] ReplicaFetchPartition[] Partitions)
{
    /// <summary>Which of the follower's fetchers for this leader asks: each has one fetch under way.</summary>
    [Id(6)]
    public int Fetcher { get; init; }

    /// <summary>The fetcher's number for this fetch, which it uses once; 0: it will not tell when it has copied the answer.</summary>
    [Id(7)]
    public long Number { get; init; }

    /// <summary>
    /// The number of the fetch whose answer was copied last: the leader may use its memory again, and knows that the follower has followed it
    /// after that answer was given.
    /// </summary>
    [Id(8)]
    public long Copied { get; init; }
}

/// <summary>One partition of a <see cref="ReplicaFetchRequest"/>.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="LeaderEpoch">The leader epoch that the follower is in (KIP-320).</param>
/// <param name="FetchOffset">The end of the follower's log.</param>
/// <param name="LastFetchedEpoch">The leader epoch of its last batch; -1 for an empty log (KIP-595).</param>
/// <param name="FlushedOffset">The first offset that is not on the follower's stable storage.</param>
/// <param name="MaxBytes">The most bytes from this partition.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ReplicaFetchPartition")]
public sealed record ReplicaFetchPartition(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] int LeaderEpoch,
    [property: Id(3)] long FetchOffset,
    [property: Id(4)] int LastFetchedEpoch,
    [property: Id(5)] long FlushedOffset,
    [property: Id(6)] int MaxBytes);
