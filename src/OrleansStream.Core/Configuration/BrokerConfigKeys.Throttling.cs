using static OrleansStream.Core.Configuration.ConfigKeys;
using static OrleansStream.Core.Configuration.ConfigRule;

namespace OrleansStream.Core.Configuration;

/// <content>Replication quotas (KIP-73).</content>
public static partial class BrokerConfigKeys
{
    /// <summary>The quota of leaders.</summary>
    public static readonly ConfigKey<long> LeaderReplicationThrottledRate = Long(
        "leader.replication.throttled.rate", long.MaxValue, AtLeast(0L),
        "The bytes per second that the broker sends to followers from the replicas that leader.replication.throttled.replicas of their topics names; followers in sync do not wait for it.");

    /// <summary>The quota of followers.</summary>
    public static readonly ConfigKey<long> FollowerReplicationThrottledRate = Long(
        "follower.replication.throttled.rate", long.MaxValue, AtLeast(0L),
        "The bytes per second that the broker fetches for the replicas that follower.replication.throttled.replicas of their topics names; replicas in sync do not wait for it.");

    /// <summary>A quota between directories of a broker, of which there is one.</summary>
    public static readonly ConfigKey<long> ReplicaAlterLogDirsIoMaxBytesPerSecond = Long(
        "replica.alter.log.dirs.io.max.bytes.per.second", long.MaxValue, AtLeast(0L),
        "For kafka-reassign-partitions.sh, which sets and removes it with the other two rates. A broker has one log directory, so nothing is moved between directories.");

    /// <summary>The number of windows that replication quotas are measured over.</summary>
    public static readonly ConfigKey<int> ReplicationQuotaWindowNum = Int(
        "replication.quota.window.num", 11, AtLeast(1), "The number of windows that replication quotas are measured over.").ReadOnly();

    /// <summary>The length of a window.</summary>
    public static readonly ConfigKey<int> ReplicationQuotaWindowSizeSeconds = Int(
        "replication.quota.window.size.seconds", 1, AtLeast(1), "The length of a window of replication quotas.").ReadOnly();

    private static ConfigKey[] Throttling() =>
    [
        LeaderReplicationThrottledRate, FollowerReplicationThrottledRate, ReplicaAlterLogDirsIoMaxBytesPerSecond,
        ReplicationQuotaWindowNum, ReplicationQuotaWindowSizeSeconds,
    ];
}
