namespace OrleansStream.Client;

/// <summary>
/// Divides the partitions of a group among its members; the member that the coordinator makes leader runs it for all.
/// One instance may serve many consumers: it has no state of its own and is safe for concurrent use.
/// </summary>
public interface IPartitionAssignor
{
    /// <summary>The name of the protocol; members of other clients must have one of the same name that does the same.</summary>
    string Name { get; }

    /// <summary>What members do while they rebalance by it.</summary>
    RebalanceProtocol Protocol => RebalanceProtocol.Eager;

    /// <summary>What to add to a member's subscription; null for nothing.</summary>
    /// <param name="lastAssignment">What the member was last assigned, given back or not; empty before the first time.</param>
    /// <param name="lastGenerationId">The generation of that assignment; -1 before the first time.</param>
    ReadOnlyMemory<byte>? GetUserData(IReadOnlyList<TopicPartition> lastAssignment, int lastGenerationId) => null;

    /// <summary>Divides the partitions. Deterministic: the order of the members in the list does not matter.</summary>
    /// <param name="partitionCounts">How many partitions each topic has; topics that do not exist are not in it.</param>
    /// <param name="members">The members with their subscriptions.</param>
    /// <returns>For each member id its partitions.</returns>
    IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitionCounts,
        IReadOnlyList<MemberSubscription> members);
}
