namespace OrleansStream.Client;

/// <summary>A place in a partition.</summary>
/// <param name="TopicPartition">The partition.</param>
/// <param name="Offset">Where in it.</param>
public readonly record struct TopicPartitionOffset(TopicPartition TopicPartition, OffsetSpec Offset)
{
    /// <summary>A place in a partition.</summary>
    public TopicPartitionOffset(string topic, int partition, OffsetSpec offset)
        : this(new TopicPartition(topic, partition), offset)
    {
    }

    /// <inheritdoc/>
    public override string ToString() => $"{TopicPartition}@{Offset}";
}
