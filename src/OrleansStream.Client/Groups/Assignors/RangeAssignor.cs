namespace OrleansStream.Client;

/// <summary>
/// Kafka's <c>range</c>: topic by topic, each member gets partitions that lie together, the first members one more if it does
/// not come out even. Partitions of the same number of topics with equally many partitions go to the same member.
/// </summary>
public sealed class RangeAssignor : IPartitionAssignor
{
    /// <inheritdoc/>
    public string Name => "range";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitionCounts,
        IReadOnlyList<MemberSubscription> members)
    {
        ArgumentNullException.ThrowIfNull(partitionCounts);
        ArgumentNullException.ThrowIfNull(members);
        var assignment = PartitionAssignors.Empty(members);
        foreach (var (topic, subscribers) in PartitionAssignors.SubscribersByTopic(partitionCounts, members))
        {
            var (each, extra) = Math.DivRem(partitionCounts[topic], subscribers.Count);
            var next = 0;
            for (var index = 0; index < subscribers.Count; index++)
            {
                var end = next + each + (index < extra ? 1 : 0);
                for (; next < end; next++)
                {
                    assignment[subscribers[index].MemberId].Add(new TopicPartition(topic, next));
                }
            }
        }

        return PartitionAssignors.Freeze(assignment);
    }
}
