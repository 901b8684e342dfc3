using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>The state of a partition as replicas and metadata caches need it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="TopicId">The topic's id.</param>
/// <param name="Assignment">Its replicas.</param>
/// <param name="State">Its leader and ISR.</param>
/// <param name="OfflineReplicas">The replicas whose broker or log is offline.</param>
/// <param name="IsNew">Whether it was just created: only then may a replica start with an empty log.</param>
public sealed record PartitionInstruction(
    TopicPartition Partition,
    Guid TopicId,
    ReplicaAssignment Assignment,
    PartitionState State,
    ImmutableArray<int> OfflineReplicas,
    bool IsNew);
