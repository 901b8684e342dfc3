namespace OrleansStream.Faults.Checking;

/// <summary>What was sent to a topic, and what became of it.</summary>
public sealed class TopicHistory(string topic, int partitions)
{
    /// <summary>The topic.</summary>
    public string Topic => topic;

    /// <summary>Its partitions.</summary>
    public IReadOnlyList<PartitionHistory> Partitions { get; } = [.. Enumerable.Range(0, partitions).Select(partition => new PartitionHistory(partition))];

    /// <summary>How many records were acknowledged.</summary>
    public long AcknowledgedCount => Partitions.Sum(partition => partition.AcknowledgedCount);

    /// <summary>How many records were reported as not delivered.</summary>
    public long FailedCount => Partitions.Sum(partition => partition.FailedCount);

    /// <summary>How many acknowledged records no member of the group has read yet.</summary>
    public long UnconsumedCount => Partitions.Sum(partition => partition.UnconsumedCount);
}
