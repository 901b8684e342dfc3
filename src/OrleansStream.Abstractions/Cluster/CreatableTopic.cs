using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A topic to create.</summary>
/// <param name="Name">Its name: 1 to 249 of <c>[a-zA-Z0-9._-]</c>.</param>
/// <param name="PartitionCount">The number of partitions; -1 for the broker's <c>num.partitions</c>.</param>
/// <param name="ReplicationFactor">The number of replicas; -1 for the broker's <c>default.replication.factor</c>.</param>
/// <param name="Configs">Configuration by Kafka's keys.</param>
/// <param name="Assignments">The replicas of each partition, chosen by the caller; null lets the controller choose.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.CreatableTopic")]
public sealed record CreatableTopic(
    [property: Id(0)] string Name,
    [property: Id(1)] int PartitionCount,
    [property: Id(2)] short ReplicationFactor,
    [property: Id(3)] Dictionary<string, string> Configs,
    [property: Id(4)] int[][]? Assignments);
