using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>A topic that somebody wants.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="PartitionCount">The number of partitions; -1 for the broker's default, or with <paramref name="Assignments"/>.</param>
/// <param name="ReplicationFactor">The number of replicas; -1 for the broker's default, or with <paramref name="Assignments"/>.</param>
/// <param name="Configs">Values by Kafka's keys.</param>
/// <param name="Assignments">The replicas of each partition, chosen by the caller; null to have them chosen.</param>
public sealed record TopicCreation(
    string Topic,
    int PartitionCount,
    int ReplicationFactor,
    IReadOnlyDictionary<string, string> Configs,
    ImmutableArray<ImmutableArray<int>>? Assignments);
