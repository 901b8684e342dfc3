namespace OrleansStream;

/// <summary>One partition of a topic: Kafka's unit of order, placement and replication.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
public readonly record struct TopicPartition(string Topic, int Partition) : IComparable<TopicPartition>
{
    /// <inheritdoc/>
    public int CompareTo(TopicPartition other)
    {
        var byTopic = string.CompareOrdinal(Topic, other.Topic);
        return byTopic != 0 ? byTopic : Partition.CompareTo(other.Partition);
    }

    /// <summary>Kafka's way to write it: <c>topic-partition</c>.</summary>
    public override string ToString() => $"{Topic}-{Partition}";
}
