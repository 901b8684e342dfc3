namespace OrleansStream.Core.Controller;

/// <summary>A partition's state that the controller wants in the metadata store.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="LeaderAndIsr">The new state.</param>
/// <param name="ExpectedEpoch">The version that the state must have; null to create it.</param>
public sealed record PartitionStateWrite(TopicPartition Partition, LeaderAndIsr LeaderAndIsr, int? ExpectedEpoch)
{
    /// <summary>The version that the topic's node must have (<see cref="TopicAssignment.Version"/>): the decision was made on its assignment.</summary>
    public int TopicVersion { get; init; }
}
