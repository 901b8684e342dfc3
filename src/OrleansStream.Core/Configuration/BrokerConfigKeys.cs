using static OrleansStream.Core.Configuration.ConfigKeys;
using static OrleansStream.Core.Configuration.ConfigRule;

namespace OrleansStream.Core.Configuration;

/// <summary>The configuration keys of brokers, by Kafka's names; ours are <c>log.durability</c> and <c>log.buffer.memory.bytes</c>.</summary>
public static partial class BrokerConfigKeys
{
    /// <summary>Partitions of a topic that does not say how many.</summary>
    public static readonly ConfigKey<int> NumPartitions = Int(
        "num.partitions", 1, AtLeast(1), "The number of partitions of a topic that is created without one.").ReadOnly();

    /// <summary>Replicas of a topic that does not say how many.</summary>
    public static readonly ConfigKey<int> DefaultReplicationFactor = Int(
        "default.replication.factor", 1, Between(1, (int)short.MaxValue), "The number of replicas of a topic that is created without one.").ReadOnly();

    /// <summary>Creation of topics on first use.</summary>
    public static readonly ConfigKey<bool> AutoCreateTopicsEnable = Boolean(
        "auto.create.topics.enable", true, "Whether a topic is created when a client asks for its metadata.").ReadOnly();

    /// <summary>Deletion of topics.</summary>
    public static readonly ConfigKey<bool> DeleteTopicEnable = Boolean(
        "delete.topic.enable", true, "Whether topics can be deleted.").ReadOnly();

    /// <summary>How often retention is applied.</summary>
    public static readonly ConfigKey<long> LogRetentionCheckIntervalMs = Long(
        "log.retention.check.interval.ms", 300_000, AtLeast(1L), "How often the broker looks for segments that retention drops.").ReadOnly();

    /// <summary>Memory for all logs' buffers; ours.</summary>
    public static readonly ConfigKey<long> LogBufferMemoryBytes = Long(
        "log.buffer.memory.bytes", 536_870_912, AtLeast(16_777_216L), "The memory that the tails of all logs of the broker may take together.").ReadOnly();

    /// <summary>Memory for what is read ahead; ours.</summary>
    public static readonly ConfigKey<long> LogReadAheadMemoryBytes = Long(
        "log.read.ahead.memory.bytes", 67_108_864, AtLeast(0L), "The memory for what is read from disk ahead of consumers that go through a log; 0 turns it off.").ReadOnly();

    /// <summary>The request queue.</summary>
    public static readonly ConfigKey<int> QueuedMaxRequests = Int(
        "queued.max.requests", 500, AtLeast(1), "The requests that may wait before the network is read no further.").ReadOnly();

    /// <summary>The largest request.</summary>
    public static readonly ConfigKey<int> SocketRequestMaxBytes = Int(
        "socket.request.max.bytes", 104_857_600, AtLeast(1), "The largest request that is read from a client.").ReadOnly();

    /// <summary>Memory for requests; Kafka's own default is -1, no bound.</summary>
    public static readonly ConfigKey<long> QueuedMaxRequestBytes = Long(
        "queued.max.request.bytes", 268_435_456, AtLeast(1L), "The bytes of all requests of Kafka clients in work; beyond it no further request is read.").ReadOnly();

    /// <summary>The largest answer to a fetch.</summary>
    public static readonly ConfigKey<int> FetchMaxBytes = Int(
        "fetch.max.bytes", 57_671_680, AtLeast(1024), "The most bytes that a fetch is answered with.").ReadOnly();

    /// <summary>Fetch sessions in the cache.</summary>
    public static readonly ConfigKey<int> MaxIncrementalFetchSessionCacheSlots = Int(
        "max.incremental.fetch.session.cache.slots", 1000, AtLeast(0), "The most incremental fetch sessions that are kept (KIP-227).").ReadOnly();

    /// <summary>Connections.</summary>
    public static readonly ConfigKey<int> MaxConnections = Int(
        "max.connections", int.MaxValue, AtLeast(0), "The most connections of the broker at a time.");

    /// <summary>Connections of one address.</summary>
    public static readonly ConfigKey<int> MaxConnectionsPerIp = Int(
        "max.connections.per.ip", int.MaxValue, AtLeast(0), "The most connections from one address at a time.");

    /// <summary>Idle connections.</summary>
    public static readonly ConfigKey<long> ConnectionsMaxIdleMs = Long(
        "connections.max.idle.ms", 600_000, AtLeast(-1L), "How long a connection may be idle before it is closed; -1 for ever.").ReadOnly();

    /// <summary>Calls between brokers.</summary>
    public static readonly ConfigKey<int> RequestTimeoutMs = Int(
        "request.timeout.ms", 30_000, AtLeast(1), "How long the broker waits for an answer of another broker.").ReadOnly();

    /// <summary>The session with the metadata store.</summary>
    public static readonly ConfigKey<int> ZooKeeperSessionTimeoutMs = Int(
        "zookeeper.session.timeout.ms", 6_000, AtLeast(1), "The time without a sign of life after which ZooKeeper ends the broker's session.").ReadOnly();

    /// <summary>The silence after which a broker is taken for dead; Kafka's own default is 9 s.</summary>
    public static readonly ConfigKey<int> BrokerSessionTimeoutMs = Int(
        "broker.session.timeout.ms", 2_000, AtLeast(100), "How long a broker may be silent before the other brokers remove it from the cluster, if most of them do not reach it; twice as long if there is only one other. Does not replace zookeeper.session.timeout.ms: whichever is over first counts.").ReadOnly();

    /// <summary>How often brokers look after each other; Kafka's own default is 2 s.</summary>
    public static readonly ConfigKey<int> BrokerHeartbeatIntervalMs = Int(
        "broker.heartbeat.interval.ms", 250, AtLeast(10), "How often the controller asks each broker for a sign of life, and each broker the controller.").ReadOnly();

    /// <summary>The first connection with ZooKeeper.</summary>
    public static readonly ConfigKey<int> ZooKeeperConnectionTimeoutMs = Int(
        "zookeeper.connection.timeout.ms", 18_000, AtLeast(1), "How long a starting broker looks for ZooKeeper.").ReadOnly();

    /// <summary>The time without a fetch that ends a follower's place in the ISR.</summary>
    public static readonly ConfigKey<long> ReplicaLagTimeMaxMs = Long(
        "replica.lag.time.max.ms", 30_000, AtLeast(1L), "How long a follower may lag behind the end of the leader's log before it leaves the ISR.").ReadOnly();

    /// <summary>Bytes of one partition in a follower's fetch.</summary>
    public static readonly ConfigKey<int> ReplicaFetchMaxBytes = Int(
        "replica.fetch.max.bytes", 1_048_576, AtLeast(0), "The bytes of one partition that a follower asks for at a time.").ReadOnly();

    /// <summary>The wait of a follower's fetch.</summary>
    public static readonly ConfigKey<int> ReplicaFetchWaitMaxMs = Int(
        "replica.fetch.wait.max.ms", 500, AtLeast(0), "How long a follower's fetch waits for data; less than replica.lag.time.max.ms.").ReadOnly();

    /// <summary>Bytes that end the wait of a follower's fetch.</summary>
    public static readonly ConfigKey<int> ReplicaFetchMinBytes = Int(
        "replica.fetch.min.bytes", 1, AtLeast(0), "The bytes with which a follower's fetch is answered at once.").ReadOnly();

    /// <summary>Bytes of a follower's whole fetch.</summary>
    public static readonly ConfigKey<int> ReplicaFetchResponseMaxBytes = Int(
        "replica.fetch.response.max.bytes", 10_485_760, AtLeast(0), "The bytes that a follower asks for at a time over all partitions.").ReadOnly();

    /// <summary>The pause after a failed fetch.</summary>
    public static readonly ConfigKey<int> ReplicaFetchBackoffMs = Int(
        "replica.fetch.backoff.ms", 1000, AtLeast(0), "How long a follower waits after a fetch of a partition has failed.").ReadOnly();

    /// <summary>Fetchers per pair of brokers.</summary>
    public static readonly ConfigKey<int> NumReplicaFetchers = Int(
        "num.replica.fetchers", 1, AtLeast(1), "The number of fetchers per leader broker.");

    /// <summary>The value of <see cref="ReplicaSelectorClass"/> with which consumers read from the nearest replica, Kafka's name for it.</summary>
    public const string RackAwareReplicaSelector = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

    /// <summary>Which replica consumers read from (KIP-392).</summary>
    public static readonly ConfigKey<string> ReplicaSelectorClass = String(
        "replica.selector.class", string.Empty, OneOf(string.Empty, "org.apache.kafka.common.replica.LeaderSelector", RackAwareReplicaSelector),
        "Which replica consumers read from: the leader, unless the rack-aware selector sends those that say their rack (client.rack) to an in-sync replica there.").ReadOnly();

    /// <summary>Moving leadership back to the preferred replicas.</summary>
    public static readonly ConfigKey<bool> AutoLeaderRebalanceEnable = Boolean(
        "auto.leader.rebalance.enable", true, "Whether the controller moves leadership back to the preferred replicas.").ReadOnly();

    /// <summary>How often the balance of leaders is looked at.</summary>
    public static readonly ConfigKey<long> LeaderImbalanceCheckIntervalSeconds = Long(
        "leader.imbalance.check.interval.seconds", 300, AtLeast(1L), "How often the controller looks at the balance of leaders.").ReadOnly();

    /// <summary>The imbalance that is tolerated.</summary>
    public static readonly ConfigKey<int> LeaderImbalancePerBrokerPercentage = Int(
        "leader.imbalance.per.broker.percentage", 10, AtLeast(0), "The share of a broker's preferred partitions that others may lead before leadership is moved back.").ReadOnly();

    /// <summary>Handing leadership over before the broker stops.</summary>
    public static readonly ConfigKey<bool> ControlledShutdownEnable = Boolean(
        "controlled.shutdown.enable", true, "Whether a broker that stops hands its leadership over first.").ReadOnly();

    /// <summary>How often the handover is tried.</summary>
    public static readonly ConfigKey<int> ControlledShutdownMaxRetries = Int(
        "controlled.shutdown.max.retries", 3, AtLeast(0), "How often a broker that stops asks the controller to move its leaderships before it stops without.").ReadOnly();

    /// <summary>The pause between tries of the handover.</summary>
    public static readonly ConfigKey<long> ControlledShutdownRetryBackoffMs = Long(
        "controlled.shutdown.retry.backoff.ms", 5_000, AtLeast(0L), "How long a broker that stops waits before it asks the controller again.").ReadOnly();

    // In the constructor, because field initializers of several files run in no certain order.
    static BrokerConfigKeys() => All = new(
        "broker",
        [
            NumPartitions, DefaultReplicationFactor, AutoCreateTopicsEnable, DeleteTopicEnable, LogRetentionCheckIntervalMs,
            LogBufferMemoryBytes, LogReadAheadMemoryBytes, QueuedMaxRequests, QueuedMaxRequestBytes, SocketRequestMaxBytes, FetchMaxBytes, MaxIncrementalFetchSessionCacheSlots,
            MaxConnections, MaxConnectionsPerIp, ConnectionsMaxIdleMs, RequestTimeoutMs, BrokerSessionTimeoutMs, BrokerHeartbeatIntervalMs,
            ZooKeeperSessionTimeoutMs, ZooKeeperConnectionTimeoutMs, ReplicaLagTimeMaxMs,
            ReplicaFetchMaxBytes, ReplicaFetchWaitMaxMs, ReplicaFetchMinBytes, ReplicaFetchResponseMaxBytes, ReplicaFetchBackoffMs,
            NumReplicaFetchers, ReplicaSelectorClass, AutoLeaderRebalanceEnable, LeaderImbalanceCheckIntervalSeconds, LeaderImbalancePerBrokerPercentage,
            ControlledShutdownEnable, ControlledShutdownMaxRetries, ControlledShutdownRetryBackoffMs, LogCleanerEnable, LogCleanerThreads, LogCleanerDedupeBufferSize, LogCleanerBackoffMs,
            .. TopicDefaults(), .. Coordinators(), .. Quotas(), .. Throttling(),
        ]);

    /// <summary>All of them, those that give topics their defaults included.</summary>
    public static ConfigDefinitions All { get; }
}
