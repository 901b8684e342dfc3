using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>
/// What one broker must be told, in this order: leaders and ISRs, metadata, replicas to stop. All under the controller's epoch and
/// this broker's epoch.
/// </summary>
/// <param name="BrokerId">The broker.</param>
/// <param name="BrokerEpoch">The registration that is meant (KIP-380).</param>
/// <param name="ControllerEpoch">The controller's epoch.</param>
/// <param name="LeaderAndIsr">The partitions of its replicas that have changed.</param>
/// <param name="Metadata">What has changed in the cluster; null for nothing.</param>
/// <param name="StopReplicas">The replicas to stop.</param>
public sealed record BrokerInstruction(
    int BrokerId,
    long BrokerEpoch,
    int ControllerEpoch,
    ImmutableArray<PartitionInstruction> LeaderAndIsr,
    MetadataUpdate? Metadata,
    ImmutableArray<ReplicaStop> StopReplicas);

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

/// <summary>A replica to stop.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="LeaderEpoch">The leader epoch as of the decision; <see cref="Controller.LeaderAndIsr.EpochDuringDelete"/> for a topic that is being deleted.</param>
/// <param name="DeletePartition">Whether its log is deleted as well.</param>
public sealed record ReplicaStop(TopicPartition Partition, int LeaderEpoch, bool DeletePartition);

/// <summary>What has changed in the cluster.</summary>
/// <param name="IsFull">Whether this is everything and replaces what a broker knows.</param>
/// <param name="Brokers">The brokers that are alive.</param>
/// <param name="Topics">Topics of which all partitions follow; a topic without partitions has none with a state yet.</param>
/// <param name="DeletedTopics">Topics to forget.</param>
public sealed record MetadataUpdate(
    bool IsFull, ImmutableArray<LiveBroker> Brokers, ImmutableArray<TopicMetadataUpdate> Topics, ImmutableArray<string> DeletedTopics);

/// <summary>The metadata of a topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="TopicId">Its id.</param>
/// <param name="Partitions">All of its partitions that have a state, in order of their number.</param>
public sealed record TopicMetadataUpdate(string Topic, Guid TopicId, ImmutableArray<PartitionInstruction> Partitions);
