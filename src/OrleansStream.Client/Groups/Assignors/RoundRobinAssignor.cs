namespace OrleansStream.Client;

/// <summary>
/// Kafka's <c>roundrobin</c>: all partitions in order of topic and number, dealt out to the members in turn; one that does not
/// subscribe to the topic is passed over.
/// </summary>
/// <param name="name">
/// The name of the protocol. <c>RoundRobinAssigner</c> is what kafkajs calls its own: a group of kafkajs members with their
/// default settings and members with this assignor by that name share their partitions.
/// </param>
public sealed class RoundRobinAssignor(string name = "roundrobin") : IPartitionAssignor
{
    /// <inheritdoc/>
    public string Name { get; } = string.IsNullOrEmpty(name) ? throw new ArgumentException("The name must not be empty.", nameof(name)) : name;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitionCounts,
        IReadOnlyList<MemberSubscription> members)
    {
        ArgumentNullException.ThrowIfNull(partitionCounts);
        ArgumentNullException.ThrowIfNull(members);
        var assignment = PartitionAssignors.Empty(members);
        var ordered = members.Order(Comparer<MemberSubscription>.Create(MemberSubscription.CompareOrder)).ToArray();
        var turn = 0;
        foreach (var (topic, subscribers) in PartitionAssignors.SubscribersByTopic(partitionCounts, members))
        {
            var isSubscribed = subscribers.ToHashSet(ReferenceEqualityComparer.Instance);
            for (var partition = 0; partition < partitionCounts[topic]; partition++)
            {
                while (!isSubscribed.Contains(ordered[turn]))
                {
                    turn = (turn + 1) % ordered.Length;
                }

                assignment[ordered[turn].MemberId].Add(new TopicPartition(topic, partition));
                turn = (turn + 1) % ordered.Length;
            }
        }

        return PartitionAssignors.Freeze(assignment);
    }
}
