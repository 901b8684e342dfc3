using System.Collections.Concurrent;

namespace OrleansStream.Grains.Partitions;

/// <summary>The partitions whose logs are open on this silo. Thread-safe.</summary>
internal sealed class HostedPartitions
{
    private readonly ConcurrentDictionary<TopicPartition, IHostedPartition> _partitions = new();

    /// <summary>All partitions, in order.</summary>
    public IReadOnlyList<IHostedPartition> Snapshot()
        => [.. _partitions.Values.OrderBy(partition => partition.TopicPartition)];

    /// <summary>The partitions of a topic.</summary>
    public IReadOnlyList<IHostedPartition> OfTopic(string topic)
        => [.. _partitions.Values.Where(partition => string.Equals(partition.TopicPartition.Topic, topic, StringComparison.Ordinal))];

    /// <summary>The partition; null if it is not hosted here.</summary>
    public IHostedPartition? Find(TopicPartition partition) => _partitions.GetValueOrDefault(partition);

    public void Add(IHostedPartition partition) => _partitions[partition.TopicPartition] = partition;

    public void Remove(IHostedPartition partition)
        => _partitions.TryRemove(new KeyValuePair<TopicPartition, IHostedPartition>(partition.TopicPartition, partition));
}
