using System.Collections.Concurrent;
using Orleans;
using OrleansStream.Abstractions;

namespace OrleansStream.Gateway.Requests;

/// <summary>The grains of the gateway's own broker: a Kafka client talks to the broker that leads a partition, so nothing is forwarded.</summary>
internal sealed class BrokerGrains(IGrainFactory grains, KafkaGatewayOptions options)
{
    private const int MaxTopicNameLength = 249;
    private const int MaxCachedPartitions = 100_000;

    private readonly ConcurrentDictionary<TopicPartition, IPartitionGrain> _partitions = new();

    /// <summary>The broker's id.</summary>
    public int BrokerId => options.BrokerId;

    /// <summary>Metadata and administration.</summary>
    public IClusterGrain Cluster { get; } = grains.GetGrain<IClusterGrain>(0);

    /// <summary>Fetches and descriptions over many partitions.</summary>
    public IBrokerGrain Broker { get; } = grains.GetGrain<IBrokerGrain>(options.BrokerId);

    /// <summary>The broker's replica of a partition; null for a topic or number that no partition can have.</summary>
    public IPartitionGrain? FindPartition(string topic, int number)
    {
        if (number < 0 || topic.Length is 0 or > MaxTopicNameLength)
        {
            return null;
        }

        var partition = new TopicPartition(topic, number);
        if (_partitions.TryGetValue(partition, out var grain))
        {
            return grain;
        }

        if (_partitions.Count >= MaxCachedPartitions)
        {
            // Only a client that makes names up gets here.
            _partitions.Clear();
        }

        grain = grains.GetGrain<IPartitionGrain>(new PartitionGrainKey(partition, options.BrokerId).ToString());
        _partitions[partition] = grain;
        return grain;
    }
}
