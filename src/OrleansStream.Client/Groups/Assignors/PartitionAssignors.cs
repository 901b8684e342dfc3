namespace OrleansStream.Client;

/// <summary>The assignors that come with the client.</summary>
public static class PartitionAssignors
{
    /// <summary><c>range</c>.</summary>
    public static IPartitionAssignor Range { get; } = new RangeAssignor();

    /// <summary><c>roundrobin</c>.</summary>
    public static IPartitionAssignor RoundRobin { get; } = new RoundRobinAssignor();

    /// <summary><c>sticky</c>.</summary>
    public static IPartitionAssignor Sticky { get; } = new StickyAssignor();

    /// <summary><c>cooperative-sticky</c>.</summary>
    public static IPartitionAssignor CooperativeSticky { get; } = new CooperativeStickyAssignor();

    /// <summary><c>RoundRobinAssigner</c>, as kafkajs calls its own: for groups with members that have kafkajs' default settings.</summary>
    public static IPartitionAssignor KafkaJsRoundRobin { get; } = new RoundRobinAssignor("RoundRobinAssigner");

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyDictionary<string, IPartitionAssignor> ByName { get; }
        = new IPartitionAssignor[] { Range, RoundRobin, Sticky, CooperativeSticky, KafkaJsRoundRobin }.ToDictionary(assignor => assignor.Name, StringComparer.Ordinal);

    /// <summary>The subscribed members of each topic that exists, in <see cref="MemberSubscription.CompareOrder"/>.</summary>
    internal static SortedDictionary<string, List<MemberSubscription>> SubscribersByTopic(
        IReadOnlyDictionary<string, int> partitionCounts,
        IReadOnlyList<MemberSubscription> members)
    {
        var subscribers = new SortedDictionary<string, List<MemberSubscription>>(StringComparer.Ordinal);
        foreach (var member in members.Order(Comparer<MemberSubscription>.Create(MemberSubscription.CompareOrder)))
        {
            foreach (var topic in member.Topics.Distinct(StringComparer.Ordinal))
            {
                if (!partitionCounts.TryGetValue(topic, out var count) || count <= 0)
                {
                    continue;
                }

                if (!subscribers.TryGetValue(topic, out var ofTopic))
                {
                    subscribers.Add(topic, ofTopic = []);
                }

                ofTopic.Add(member);
            }
        }

        return subscribers;
    }

    /// <summary>An empty assignment for every member.</summary>
    internal static Dictionary<string, List<TopicPartition>> Empty(IReadOnlyList<MemberSubscription> members)
        => members.ToDictionary(member => member.MemberId, _ => new List<TopicPartition>(), StringComparer.Ordinal);

    /// <summary>The same as the contract has it.</summary>
    internal static Dictionary<string, IReadOnlyList<TopicPartition>> Freeze(Dictionary<string, List<TopicPartition>> assignment)
        => assignment.ToDictionary(entry => entry.Key, entry => (IReadOnlyList<TopicPartition>)entry.Value, StringComparer.Ordinal);
}
