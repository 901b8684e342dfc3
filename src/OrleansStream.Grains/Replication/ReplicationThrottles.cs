using OrleansStream.Core.Configuration;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Replication;

/// <summary>The broker's replication quotas (KIP-73).</summary>
internal sealed class ReplicationThrottles(ITopicConfigs configs, TimeProvider time)
{
    /// <summary>Of what followers fetch from this broker.</summary>
    public ReplicationThrottle Leader { get; } = new(configs, BrokerConfigKeys.LeaderReplicationThrottledRate, time);

    /// <summary>Of what this broker fetches.</summary>
    public ReplicationThrottle Follower { get; } = new(configs, BrokerConfigKeys.FollowerReplicationThrottledRate, time);
}
