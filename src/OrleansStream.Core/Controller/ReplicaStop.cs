namespace OrleansStream.Core.Controller;

/// <summary>A replica to stop.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="LeaderEpoch">The leader epoch as of the decision; <see cref="Controller.LeaderAndIsr.EpochDuringDelete"/> for a topic that is being deleted.</param>
/// <param name="DeletePartition">Whether its log is deleted as well.</param>
public sealed record ReplicaStop(TopicPartition Partition, int LeaderEpoch, bool DeletePartition);
