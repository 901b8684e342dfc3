using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>One partition of a <see cref="StopReplicaRequest"/>.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="LeaderEpoch">The leader epoch as of the decision; -2 for a topic under deletion.</param>
/// <param name="DeletePartition">Whether the log is deleted as well.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.StopReplicaPartition")]
public sealed record StopReplicaPartition(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] int LeaderEpoch,
    [property: Id(3)] bool DeletePartition);
