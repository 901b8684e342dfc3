using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>Everything in the metadata store that a new controller starts from.</summary>
/// <param name="Brokers">The brokers that are alive.</param>
/// <param name="Topics">All topics.</param>
/// <param name="States">The partitions' states; a new partition has none yet.</param>
/// <param name="TopicsToDelete">The topics that are marked for deletion.</param>
/// <param name="Policies">The topics with a policy of their own.</param>
/// <param name="DefaultPolicy">The policy of all others.</param>
public sealed record ClusterSnapshot(
    ImmutableArray<LiveBroker> Brokers,
    ImmutableArray<TopicAssignment> Topics,
    IReadOnlyDictionary<TopicPartition, PartitionState> States,
    ImmutableArray<string> TopicsToDelete,
    IReadOnlyDictionary<string, ReplicationPolicy> Policies,
    ReplicationPolicy DefaultPolicy);
