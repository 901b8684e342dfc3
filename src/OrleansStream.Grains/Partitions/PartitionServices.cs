using Microsoft.Extensions.Logging;
using OrleansStream.Core.Configuration;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Groups;
using OrleansStream.Grains.Replication;

namespace OrleansStream.Grains.Partitions;

/// <summary>What the partition grains of a silo share.</summary>
internal sealed record PartitionServices(
    IPartitionLogFactory Logs,
    ITopicConfigs Configs,
    HostedPartitions Hosted,
    PartitionSignals Signals,
    AppendSignals Appends,
    ReplicaFetchers Fetchers,
    IsrWriter Isr,
    OfflineReplicas Offline,
    CoordinatorElections Elections,
    MetadataCache Metadata,
    BrokerState Broker,
    TimeProvider Time,
    ILogger<PartitionGrain> Logger);

/// <summary>The configuration in force on this broker.</summary>
internal interface ITopicConfigs
{
    /// <summary>The broker's.</summary>
    BrokerConfig Broker { get; }

    /// <summary>A topic's; defaults for a topic that has none of its own.</summary>
    ValueTask<TopicConfig> GetAsync(string topic, CancellationToken cancellationToken);
}
