using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>A topic to create.</summary>
/// <param name="Name">Its name: 1 to 249 of <c>[a-zA-Z0-9._-]</c>.</param>
/// <param name="PartitionCount">The number of partitions; -1 for the broker's <c>num.partitions</c>.</param>
/// <param name="ReplicationFactor">The number of replicas; -1 for the broker's <c>default.replication.factor</c>.</param>
public sealed record TopicSpecification(string Name, int PartitionCount = -1, short ReplicationFactor = -1)
{
    /// <summary>Configuration by Kafka's keys.</summary>
    public IReadOnlyDictionary<string, string> Configs { get; init; } = new Dictionary<string, string>();

    /// <summary>The replicas of each partition, preferred leader first; null lets the controller choose.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Assignments { get; init; }

    internal CreatableTopic ToContract()
        => new(
            Name,
            PartitionCount,
            ReplicationFactor,
            Configs.ToDictionary(StringComparer.Ordinal),
            Assignments?.Select(replicas => replicas.ToArray()).ToArray());
}
