using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The controller's word on one partition (Kafka's LeaderAndIsr).</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="TopicId">The topic's id; a log directory with another id is not this topic's.</param>
/// <param name="ControllerEpoch">The epoch of the controller that decided.</param>
/// <param name="Leader">The leader's broker id, -1 for none.</param>
/// <param name="LeaderEpoch">The leader epoch.</param>
/// <param name="PartitionEpoch">The version of the partition's state in the metadata store.</param>
/// <param name="Replicas">The replicas' broker ids, preferred leader first.</param>
/// <param name="Isr">The in-sync replicas' broker ids.</param>
/// <param name="Elr">The eligible leader replicas' broker ids (KIP-966); null for none.</param>
/// <param name="BrokerEpochs">The broker epochs under which the members of ISR and ELR were counted in; null for none.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.LeaderAndIsrPartition")]
public sealed record LeaderAndIsrPartition(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] Guid TopicId,
    [property: Id(3)] int ControllerEpoch,
    [property: Id(4)] int Leader,
    [property: Id(5)] int LeaderEpoch,
    [property: Id(6)] int PartitionEpoch,
    [property: Id(7)] int[] Replicas,
    [property: Id(8)] int[] Isr,
    [property: Id(9)] int[]? Elr = null,
    [property: Id(10)] Dictionary<int, long>? BrokerEpochs = null);
