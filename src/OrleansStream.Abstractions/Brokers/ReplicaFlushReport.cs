using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>How far a follower broker has on disk what it has copied from a leader broker.</summary>
/// <param name="ReplicaId">The follower's broker id.</param>
/// <param name="Partitions">The partitions of which more is on disk than the last fetch said.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ReplicaFlushReport")]
public sealed record ReplicaFlushReport([property: Id(0)] int ReplicaId, [property: Id(1)] ReplicaFlushPartition[] Partitions);

/// <summary>One partition of a <see cref="ReplicaFlushReport"/>.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="BrokerEpoch">The follower's registration.</param>
/// <param name="LeaderEpoch">The leader epoch that the follower is in.</param>
/// <param name="FlushedOffset">The first offset that is not on the follower's stable storage.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ReplicaFlushPartition")]
public sealed record ReplicaFlushPartition(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] long BrokerEpoch,
    [property: Id(3)] int LeaderEpoch,
    [property: Id(4)] long FlushedOffset);
