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

    /// <summary>The names of the topics by their ids (KIP-516).</summary>
    public ImmutableDictionary<Guid, string> TopicNames { get; private init; } = ImmutableDictionary<Guid, string>.Empty;

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

    /// <summary>The live brokers in a rack; null if there are none.</summary>
    public int[]? BrokersIn(string rack)
    {
        var found = rack.Length == 0 ? [] : Brokers.Where(broker => broker.Rack == rack).Select(broker => broker.BrokerId).ToArray();
        return found.Length == 0 ? null : found;
    }

    /// <summary>This snapshot with the controller's news.</summary>
    public MetadataSnapshot With(UpdateMetadataRequest request)
    {
        var from = request.IsFull ? Empty : this;
        var (topics, names) = (from.Topics.ToBuilder(), from.TopicNames.ToBuilder());
        foreach (var topic in request.DeletedTopics)
        {
            Forget(topic);
        }

        foreach (var topic in request.Metadata.Topics)
        {
            Forget(topic.Name);
            topics[topic.Name] = topic;
            names[topic.TopicId] = topic.Name;
        }

        return new MetadataSnapshot(request.Metadata.ClusterId, request.Metadata.ControllerId, request.Metadata.Brokers, topics.ToImmutable())
        {
            TopicNames = names.ToImmutable(),
        };

        void Forget(string name)
        {
            if (topics.Remove(name, out var topic))
            {
                names.Remove(topic.TopicId);
            }
        }
    }
}
