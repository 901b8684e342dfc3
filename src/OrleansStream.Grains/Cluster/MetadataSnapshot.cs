using System.Collections.Immutable;
using OrleansStream.Abstractions;

namespace OrleansStream.Grains.Cluster;

/// <summary>What this broker knows of the cluster at one moment. Immutable.</summary>
internal sealed record MetadataSnapshot(
    string ClusterId, int ControllerId, BrokerMetadata[] Brokers, ImmutableSortedDictionary<string, TopicMetadata> Topics)
{
    /// <summary>Before the controller's first word.</summary>
    public static MetadataSnapshot Empty { get; } =
        new(string.Empty, -1, [], ImmutableSortedDictionary.Create<string, TopicMetadata>(StringComparer.Ordinal));

    /// <summary>The partition; null if the cluster has none of that name.</summary>
    public PartitionMetadata? Find(TopicPartition partition)
    {
        if (!Topics.TryGetValue(partition.Topic, out var topic))
        {
            return null;
        }

        // Partitions stand in order of their number, without gaps; a search covers what an interrupted change may leave.
        return partition.Partition >= 0
            && partition.Partition < topic.Partitions.Length
            && topic.Partitions[partition.Partition] is { } found
            && found.Partition == partition.Partition
                ? found
                : Array.Find(topic.Partitions, candidate => candidate.Partition == partition.Partition);
    }

    /// <summary>This snapshot with the controller's news.</summary>
    public MetadataSnapshot With(UpdateMetadataRequest request)
    {
        var topics = request.IsFull ? Empty.Topics.ToBuilder() : Topics.ToBuilder();
        foreach (var topic in request.DeletedTopics)
        {
            topics.Remove(topic);
        }

        foreach (var topic in request.Metadata.Topics)
        {
            topics[topic.Name] = topic;
        }

        return new MetadataSnapshot(request.Metadata.ClusterId, request.Metadata.ControllerId, request.Metadata.Brokers, topics.ToImmutable());
    }
}
