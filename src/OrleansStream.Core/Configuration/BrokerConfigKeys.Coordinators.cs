using static OrleansStream.Core.Configuration.ConfigKeys;
using static OrleansStream.Core.Configuration.ConfigRule;

namespace OrleansStream.Core.Configuration;

/// <content>The keys of group and transaction coordinators.</content>
public static partial class BrokerConfigKeys
{
    /// <summary>Partitions of the offsets topic.</summary>
    public static readonly ConfigKey<int> OffsetsTopicNumPartitions = Int(
        "offsets.topic.num.partitions", 50, AtLeast(1), "The number of partitions of __consumer_offsets; not to be changed once it exists.").ReadOnly();

    /// <summary>Replicas of the offsets topic.</summary>
    public static readonly ConfigKey<short> OffsetsTopicReplicationFactor = Short(
        "offsets.topic.replication.factor", 3, AtLeast((short)1), "The number of replicas of __consumer_offsets, which is created once there are so many brokers.").ReadOnly();

    /// <summary>Segments of the offsets topic.</summary>
    public static readonly ConfigKey<int> OffsetsTopicSegmentBytes = Int(
        "offsets.topic.segment.bytes", 104_857_600, AtLeast(1), "The segment.bytes of __consumer_offsets.").ReadOnly();

    /// <summary>How long offsets of an empty group live.</summary>
    public static readonly ConfigKey<int> OffsetsRetentionMinutes = Int(
        "offsets.retention.minutes", 10_080, AtLeast(1), "How long the offsets of a group without members are kept (KIP-186, KIP-211).").ReadOnly();

    /// <summary>How often expired offsets are looked for.</summary>
    public static readonly ConfigKey<long> OffsetsRetentionCheckIntervalMs = Long(
        "offsets.retention.check.interval.ms", 600_000, AtLeast(1L), "How often expired offsets are looked for.").ReadOnly();

    /// <summary>The metadata of an offset.</summary>
    public static readonly ConfigKey<int> OffsetMetadataMaxBytes = Int(
        "offset.metadata.max.bytes", 4096, AtLeast(0), "The longest metadata that may be committed with an offset.").ReadOnly();

    /// <summary>Reading the offsets topic.</summary>
    public static readonly ConfigKey<int> OffsetsLoadBufferSize = Int(
        "offsets.load.buffer.size", 5_242_880, AtLeast(1), "The bytes that are read at a time when groups are loaded.").ReadOnly();

    /// <summary>Waiting for the offsets topic.</summary>
    public static readonly ConfigKey<int> OffsetsCommitTimeoutMs = Int(
        "offsets.commit.timeout.ms", 5000, AtLeast(1), "How long a commit waits for the replicas of __consumer_offsets.").ReadOnly();

    /// <summary>The shortest session of a member.</summary>
    public static readonly ConfigKey<int> GroupMinSessionTimeoutMs = Int(
        "group.min.session.timeout.ms", 6000, AtLeast(0), "The shortest session timeout that a member may ask for.").ReadOnly();

    /// <summary>The longest session of a member.</summary>
    public static readonly ConfigKey<int> GroupMaxSessionTimeoutMs = Int(
        "group.max.session.timeout.ms", 1_800_000, AtLeast(0), "The longest session timeout that a member may ask for.").ReadOnly();

    /// <summary>Waiting for the first members.</summary>
    public static readonly ConfigKey<int> GroupInitialRebalanceDelayMs = Int(
        "group.initial.rebalance.delay.ms", 3000, AtLeast(0), "How long the first rebalance of an empty group waits for more members (KIP-134).").ReadOnly();

    /// <summary>Members of a group.</summary>
    public static readonly ConfigKey<int> GroupMaxSize = Int(
        "group.max.size", int.MaxValue, AtLeast(1), "The most members of a group (KIP-389).").ReadOnly();

    /// <summary>The session of a member of the consumer protocol.</summary>
    public static readonly ConfigKey<int> GroupConsumerSessionTimeoutMs = Int(
        "group.consumer.session.timeout.ms", 45_000, AtLeast(1), "How long a member of the consumer protocol lives without a heartbeat (KIP-848).").ReadOnly();

    /// <summary>The heartbeats of a member of the consumer protocol.</summary>
    public static readonly ConfigKey<int> GroupConsumerHeartbeatIntervalMs = Int(
        "group.consumer.heartbeat.interval.ms", 5000, AtLeast(1), "How often members of the consumer protocol are told to send heartbeats (KIP-848).").ReadOnly();

    /// <summary>Members of a group of the consumer protocol.</summary>
    public static readonly ConfigKey<int> GroupConsumerMaxSize = Int(
        "group.consumer.max.size", int.MaxValue, AtLeast(1), "The most members of a group of the consumer protocol (KIP-848).").ReadOnly();

    /// <summary>The assignors of the consumer protocol.</summary>
    public static readonly ConfigKey<IReadOnlyList<string>> GroupConsumerAssignors = List(
        "group.consumer.assignors", "uniform,range", ListOf("uniform", "range"), "The assignors that groups of the consumer protocol can choose from; the first is the default (KIP-848).").ReadOnly();

    /// <summary>Going from one protocol to the other.</summary>
    public static readonly ConfigKey<string> GroupConsumerMigrationPolicy = String(
        "group.consumer.migration.policy", "bidirectional", OneOf("bidirectional", "upgrade", "downgrade", "disabled"), "Whether a group with members may go from the classic to the consumer protocol and back (KIP-848).").ReadOnly();

    /// <summary>How long an idle transactional id lives.</summary>
    public static readonly ConfigKey<int> TransactionalIdExpirationMs = Int(
        "transactional.id.expiration.ms", 604_800_000, AtLeast(1), "How long a transactional id without transactions is remembered.").ReadOnly();

    /// <summary>The longest transaction.</summary>
    public static readonly ConfigKey<int> TransactionMaxTimeoutMs = Int(
        "transaction.max.timeout.ms", 900_000, AtLeast(1), "The longest transaction timeout that a producer may ask for.").ReadOnly();

    /// <summary>How often expired transactions are looked for.</summary>
    public static readonly ConfigKey<int> TransactionAbortTimedOutCleanupIntervalMs = Int(
        "transaction.abort.timed.out.transaction.cleanup.interval.ms", 10_000, AtLeast(1), "How often transactions that took too long are looked for and aborted.").ReadOnly();

    /// <summary>How often idle transactional ids are looked for.</summary>
    public static readonly ConfigKey<int> TransactionRemoveExpiredCleanupIntervalMs = Int(
        "transaction.remove.expired.transaction.cleanup.interval.ms", 3_600_000, AtLeast(1), "How often expired transactional ids are looked for and removed.").ReadOnly();

    /// <summary>Partitions of the transaction topic.</summary>
    public static readonly ConfigKey<int> TransactionStateLogNumPartitions = Int(
        "transaction.state.log.num.partitions", 50, AtLeast(1), "The number of partitions of __transaction_state; not to be changed once it exists.").ReadOnly();

    /// <summary>Replicas of the transaction topic.</summary>
    public static readonly ConfigKey<short> TransactionStateLogReplicationFactor = Short(
        "transaction.state.log.replication.factor", 3, AtLeast((short)1), "The number of replicas of __transaction_state, which is created once there are so many brokers.").ReadOnly();

    /// <summary>In-sync replicas of the transaction topic.</summary>
    public static readonly ConfigKey<int> TransactionStateLogMinIsr = Int(
        "transaction.state.log.min.isr", 2, AtLeast(1), "The min.insync.replicas of __transaction_state.").ReadOnly();

    /// <summary>Segments of the transaction topic.</summary>
    public static readonly ConfigKey<int> TransactionStateLogSegmentBytes = Int(
        "transaction.state.log.segment.bytes", 104_857_600, AtLeast(1), "The segment.bytes of __transaction_state.").ReadOnly();

    /// <summary>How long an idle producer's sequence state lives.</summary>
    public static readonly ConfigKey<int> ProducerIdExpirationMs = Int(
        "producer.id.expiration.ms", 86_400_000, AtLeast(1), "How long a partition remembers a producer that writes no more (KIP-854).");

    /// <summary>How often idle producers are looked for.</summary>
    public static readonly ConfigKey<int> ProducerIdExpirationCheckIntervalMs = Int(
        "producer.id.expiration.check.interval.ms", 600_000, AtLeast(1), "How often expired producers are looked for.").ReadOnly();

    private static ConfigKey[] Coordinators() =>
    [
        OffsetsTopicNumPartitions, OffsetsTopicReplicationFactor, OffsetsTopicSegmentBytes, OffsetsRetentionMinutes,
        OffsetsRetentionCheckIntervalMs, OffsetMetadataMaxBytes, OffsetsLoadBufferSize, OffsetsCommitTimeoutMs, GroupMinSessionTimeoutMs,
        GroupMaxSessionTimeoutMs, GroupInitialRebalanceDelayMs, GroupMaxSize, GroupConsumerSessionTimeoutMs, GroupConsumerHeartbeatIntervalMs,
        GroupConsumerMaxSize, GroupConsumerAssignors, GroupConsumerMigrationPolicy, TransactionalIdExpirationMs, TransactionMaxTimeoutMs,
        TransactionAbortTimedOutCleanupIntervalMs, TransactionRemoveExpiredCleanupIntervalMs, TransactionStateLogNumPartitions,
        TransactionStateLogReplicationFactor, TransactionStateLogMinIsr, TransactionStateLogSegmentBytes, ProducerIdExpirationMs,
        ProducerIdExpirationCheckIntervalMs,
    ];
}
