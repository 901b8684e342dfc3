using System.Buffers.Binary;

namespace OrleansStream.Client;

/// <summary>
/// Kafka's <c>cooperative-sticky</c> (KIP-429): the assignment of <see cref="StickyAssignor"/>, but members go on with their
/// partitions while the group rebalances. A partition that moves is first taken from its owner, and given to the new one by
/// the rebalance that follows.
/// </summary>
public sealed class CooperativeStickyAssignor : IPartitionAssignor
{
    /// <inheritdoc/>
    public string Name => "cooperative-sticky";

    /// <inheritdoc/>
    public RebalanceProtocol Protocol => RebalanceProtocol.Cooperative;

    /// <summary>Kafka's user data, version 0: the generation. Members that know subscriptions of version 2 take it from there.</summary>
    /// <inheritdoc/>
    public ReadOnlyMemory<byte>? GetUserData(IReadOnlyList<TopicPartition> lastAssignment, int lastGenerationId)
    {
        var userData = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(userData, lastGenerationId);
        return userData;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitionCounts,
        IReadOnlyList<MemberSubscription> members)
    {
        ArgumentNullException.ThrowIfNull(partitionCounts);
        ArgumentNullException.ThrowIfNull(members);
        var target = new StickyAssignment(partitionCounts, members, ReadOwned).Build();

        // Whoever says that it has a partition may still be reading it, so no newcomer gets it yet, whatever the generation.
        var owners = new Dictionary<TopicPartition, HashSet<string>>();
        foreach (var member in members)
        {
            foreach (var partition in member.OwnedPartitions)
            {
                if (!owners.TryGetValue(partition, out var claimants))
                {
                    owners.Add(partition, claimants = new HashSet<string>(StringComparer.Ordinal));
                }

                claimants.Add(member.MemberId);
            }
        }

        return target.ToDictionary(
            entry => entry.Key,
            entry => (IReadOnlyList<TopicPartition>)[.. entry.Value.Where(partition => !owners.TryGetValue(partition, out var claimants)
                || claimants.Contains(entry.Key))],
            StringComparer.Ordinal);
    }

    private static PriorOwnership ReadOwned(MemberSubscription member)
    {
        if (member.GenerationId >= 0)
        {
            return new PriorOwnership(member.OwnedPartitions, member.GenerationId);
        }

        // Before version 2 of the subscription the generation was user data; librdkafka sends what sticky has there.
        var generation = member.UserData is { Length: sizeof(int) } userData
            ? BinaryPrimitives.ReadInt32BigEndian(userData.Span)
            : StickyAssignor.ReadUserData(member).GenerationId;
        return new PriorOwnership(member.OwnedPartitions, generation);
    }
}
