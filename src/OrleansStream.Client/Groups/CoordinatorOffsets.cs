using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>Reading a group's offsets from its coordinator.</summary>
internal static class CoordinatorOffsets
{
    /// <summary>What the group has committed for the partitions, or for all if null; those without an offset are left out.</summary>
    /// <exception cref="OrleansStreamException">The coordinator does not tell.</exception>
    public static async Task<IReadOnlyDictionary<TopicPartition, CommittedOffset>> FetchOffsetsAsync(
        this CoordinatorCalls coordinator,
        string groupId,
        IReadOnlyCollection<TopicPartition>? partitions,
        bool requireStable,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var request = new OffsetFetchRequest(groupId, null, -1, partitions?.ToTopics(), requireStable);
        var answer = await coordinator.CallAsync(
            (grain, token) => grain.FetchOffsetsAsync(request, token),
            static answer => answer.Error != ErrorCode.None
                ? answer.Error
                : answer.Topics.SelectMany(topic => topic.Partitions).Select(partition => partition.Error)
                    .FirstOrDefault(error => error == ErrorCode.UnstableOffsetCommit),
            timeout,
            cancellationToken).ConfigureAwait(false);
        if (answer.Error != ErrorCode.None)
        {
            throw new GroupException(answer.Error, groupId, $"The offsets of group '{groupId}' cannot be read: {answer.Error.WireName()}.");
        }

        var committed = new Dictionary<TopicPartition, CommittedOffset>();
        foreach (var topic in answer.Topics)
        {
            foreach (var found in topic.Partitions.Where(found => found is { Error: ErrorCode.None, Offset: >= 0 }))
            {
                committed.Add(new TopicPartition(topic.Topic, found.Partition), new CommittedOffset(found.Offset, found.LeaderEpoch, found.Metadata ?? string.Empty));
            }
        }

        return committed;
    }

    /// <summary>The same partitions by topic, as messages have them.</summary>
    public static TopicPartitions[] ToTopics(this IEnumerable<TopicPartition> partitions)
        =>
        [
            .. partitions.GroupBy(partition => partition.Topic, partition => partition.Partition, StringComparer.Ordinal)
                .Select(topic => new TopicPartitions(topic.Key, [.. topic])),
        ];
}
