using Microsoft.Extensions.Logging;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Replication;

namespace OrleansStream.Grains.Brokers;

/// <summary>What the broker grain works with.</summary>
internal sealed record BrokerServices(
    BrokerState Broker,
    MetadataCache Metadata,
    HostedPartitions Hosted,
    PartitionSignals Signals,
    AppendSignals Appends,
    ReplicationThrottles Throttles,
    ConfigAdministration Configs,
    FetchLimits FetchLimits,
    ListenerFeed Listeners,
    TimeProvider Time,
    ILogger<BrokerGrain> Logger);

/// <summary>What consumers' fetches may ask for.</summary>
/// <param name="MaxWaiting">How many fetches may wait for data at a time; further ones are answered at once.</param>
/// <param name="MaxBytes"><c>fetch.max.bytes</c>: the most bytes in one answer, whatever the client allows.</param>
/// <param name="IsRackAware"><c>replica.selector.class</c>: whether consumers are sent to replicas in their rack (KIP-392).</param>
internal sealed record FetchLimits(int MaxWaiting, int MaxBytes, bool IsRackAware);
