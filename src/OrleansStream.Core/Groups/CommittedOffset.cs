namespace OrleansStream.Core.Groups;

/// <summary>An offset that a group has stored.</summary>
/// <param name="Offset">The next offset to be consumed.</param>
/// <param name="LeaderEpoch">The leader epoch that came with it, -1 if none did.</param>
/// <param name="Metadata">The client's note.</param>
/// <param name="CommitTimestampMs">When it was committed, in Unix milliseconds.</param>
/// <param name="ExpireTimestampMs">When it expires, if the client asked for a retention of its own; else -1.</param>
internal readonly record struct CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommitTimestampMs, long ExpireTimestampMs);

/// <summary>The offsets of one group, by topic and partition.</summary>
internal sealed class GroupOffsets
{
    public Dictionary<string, Dictionary<int, CommittedOffset>> Topics { get; } = new(StringComparer.Ordinal);

    public CommittedOffset? Find(string topic, int partition)
        => Topics.TryGetValue(topic, out var partitions) && partitions.TryGetValue(partition, out var offset) ? offset : null;

    public void Set(string topic, int partition, in CommittedOffset offset)
    {
        if (!Topics.TryGetValue(topic, out var partitions))
        {
            Topics.Add(topic, partitions = []);
        }

        partitions[partition] = offset;
    }

    public void Remove(string topic, int partition)
    {
        if (Topics.TryGetValue(topic, out var partitions) && partitions.Remove(partition) && partitions.Count == 0)
        {
            Topics.Remove(topic);
        }
    }
}
