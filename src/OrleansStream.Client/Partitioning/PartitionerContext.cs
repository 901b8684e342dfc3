namespace OrleansStream.Client;

/// <summary>What a partitioner may look at.</summary>
public readonly ref struct PartitionerContext
{
    /// <summary>What a partitioner may look at.</summary>
    public PartitionerContext(
        string topic,
        int partitionCount,
        bool hasKey,
        ReadOnlySpan<byte> key,
        int recordBytes,
        ReadOnlySpan<int> availablePartitions)
    {
        Topic = topic;
        PartitionCount = partitionCount;
        HasKey = hasKey;
        Key = key;
        RecordBytes = recordBytes;
        AvailablePartitions = availablePartitions;
    }

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>How many partitions it has.</summary>
    public int PartitionCount { get; }

    /// <summary>Whether the record has a key; an empty key is one.</summary>
    public bool HasKey { get; }

    /// <summary>The serialized key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The size of serialized key and value together.</summary>
    public int RecordBytes { get; }

    /// <summary>The partitions that have a leader, ascending; empty when none has.</summary>
    public ReadOnlySpan<int> AvailablePartitions { get; }
}
