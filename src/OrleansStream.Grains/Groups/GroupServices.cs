using Microsoft.Extensions.Logging;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Groups;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Groups;

/// <summary>What the group coordinators of a silo share.</summary>
internal sealed record GroupServices(
    HostedPartitions Hosted,
    ITopicConfigs Configs,
    MetadataCache Metadata,
    BrokerState Broker,
    CoordinatorLoads Loads,
    TimeProvider Time,
    ILogger<GroupCoordinatorGrain> Logger)
{
    /// <summary>The machine's time.</summary>
    public CoordinatorTime Now => new(
        Time.GetUtcNow().ToUnixTimeMilliseconds(),
        (long)Time.GetElapsedTime(0).TotalMilliseconds);

    /// <summary>The machine's settings.</summary>
    public GroupSettings Settings
    {
        get
        {
            var config = Configs.Broker;
            var migration = config.Get(BrokerConfigKeys.GroupConsumerMigrationPolicy);
            return new GroupSettings
            {
                MinSessionTimeoutMs = config.Get(BrokerConfigKeys.GroupMinSessionTimeoutMs),
                MaxSessionTimeoutMs = config.Get(BrokerConfigKeys.GroupMaxSessionTimeoutMs),
                InitialRebalanceDelayMs = config.Get(BrokerConfigKeys.GroupInitialRebalanceDelayMs),
                MaxSize = config.Get(BrokerConfigKeys.GroupMaxSize),
                OffsetsRetentionMs = config.Get(BrokerConfigKeys.OffsetsRetentionMinutes) * 60_000L,
                OffsetsRetentionCheckIntervalMs = config.Get(BrokerConfigKeys.OffsetsRetentionCheckIntervalMs),
                OffsetMetadataMaxSize = config.Get(BrokerConfigKeys.OffsetMetadataMaxBytes),
                ConsumerSessionTimeoutMs = config.Get(BrokerConfigKeys.GroupConsumerSessionTimeoutMs),
                ConsumerHeartbeatIntervalMs = config.Get(BrokerConfigKeys.GroupConsumerHeartbeatIntervalMs),
                ConsumerMaxSize = config.Get(BrokerConfigKeys.GroupConsumerMaxSize),
                ConsumerAssignors = config.Get(BrokerConfigKeys.GroupConsumerAssignors),
                AllowsUpgrade = migration is "bidirectional" or "upgrade",
                AllowsDowngrade = migration is "bidirectional" or "downgrade",
            };
        }
    }
}
