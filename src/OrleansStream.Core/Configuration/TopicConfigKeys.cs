using static OrleansStream.Core.Configuration.ConfigKeys;
using static OrleansStream.Core.Configuration.ConfigRule;

namespace OrleansStream.Core.Configuration;

/// <summary>The configuration keys of topics: those of Kafka 3.9, and <c>durability</c>.</summary>
public static class TopicConfigKeys
{
    private const long MillisPerDay = 86_400_000;
    private const long MillisPerHour = 3_600_000;
    private const long MillisPerMinute = 60_000;

    /// <summary>What happens to old records.</summary>
    public static readonly ConfigKey<IReadOnlyList<string>> CleanupPolicy = List(
        "cleanup.policy", "delete", ListOf("compact", "delete"),
        "What happens to old segments: \"delete\" drops them once retention.ms or retention.bytes is exceeded, \"compact\" keeps the last record of each key. Both may be given.")
        .From(new BrokerSynonym("log.cleanup.policy"));

    /// <summary>How batches are stored.</summary>
    public static readonly ConfigKey<string> CompressionTypeKey = String(
        "compression.type", "producer", OneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"),
        "The compression in which batches are stored; \"producer\" keeps what the producer chose.")
        .From(new BrokerSynonym("compression.type"));

    /// <summary>The gzip level.</summary>
    public static readonly ConfigKey<int> CompressionGzipLevel = Int(
        "compression.gzip.level", -1, BetweenOr(1, 9, -1), "The level used when compression.type is gzip (KIP-390).")
        .From(new BrokerSynonym("compression.gzip.level"));

    /// <summary>The lz4 level.</summary>
    public static readonly ConfigKey<int> CompressionLz4Level = Int(
        "compression.lz4.level", 9, Between(1, 17), "The level used when compression.type is lz4 (KIP-390).")
        .From(new BrokerSynonym("compression.lz4.level"));

    /// <summary>The zstd level.</summary>
    public static readonly ConfigKey<int> CompressionZstdLevel = Int(
        "compression.zstd.level", 3, Between(-131072, 22), "The level used when compression.type is zstd (KIP-390).")
        .From(new BrokerSynonym("compression.zstd.level"));

    /// <summary>How long tombstones are kept.</summary>
    public static readonly ConfigKey<long> DeleteRetentionMs = Long(
        "delete.retention.ms", MillisPerDay, AtLeast(0L),
        "How long compaction keeps tombstones: the time in which a reader that starts at the beginning must reach the end to see every deletion.")
        .From(new BrokerSynonym("log.cleaner.delete.retention.ms"));

    /// <summary>When an acknowledged record is on stable storage; ours.</summary>
    public static readonly ConfigKey<string> Durability = String(
        "durability", "sync", OneOf("sync", "async"),
        "\"sync\": a record is acknowledged (acks of 1 or all) once it is on stable storage. \"async\": once it is in memory, to be flushed later, as Apache Kafka does by default.")
        .From(new BrokerSynonym("log.durability"));

    /// <summary>How long a deleted file stays.</summary>
    public static readonly ConfigKey<long> FileDeleteDelayMs = Long(
        "file.delete.delay.ms", 60_000, AtLeast(0L), "How long a file stays on disk after it is no longer part of the log.")
        .From(new BrokerSynonym("log.segment.delete.delay.ms"));

    /// <summary>A flush after so many records.</summary>
    public static readonly ConfigKey<long> FlushMessages = Long(
        "flush.messages", long.MaxValue, AtLeast(1L), "With durability=async: the log is flushed after so many records at the latest. With sync every record is flushed at once.")
        .From(new BrokerSynonym("log.flush.interval.messages"));

    /// <summary>A flush after so much time.</summary>
    public static readonly ConfigKey<long> FlushMs = Long(
        "flush.ms", long.MaxValue, AtLeast(0L), "With durability=async: an append that comes so much time after the last flush starts one. Whatever the value, what is in memory is flushed about every second, and when a quarter of the log's buffer is full.")
        .From(new BrokerSynonym("log.flush.interval.ms"), new BrokerSynonym("log.flush.scheduler.interval.ms"));

    /// <summary>Followers under a replication quota.</summary>
    public static readonly ConfigKey<IReadOnlyList<string>> FollowerReplicationThrottledReplicas = List(
        "follower.replication.throttled.replicas", "", ThrottledReplicas,
        "The replicas whose fetching from the leader is under the replication quota: PARTITION:BROKER,… or *.");

    /// <summary>Bytes of log per index entry.</summary>
    public static readonly ConfigKey<int> IndexIntervalBytes = Int(
        "index.interval.bytes", 4096, AtLeast(0), "One entry of the offset index is written for about so many bytes of log.")
        .From(new BrokerSynonym("log.index.interval.bytes"));

    /// <summary>Leaders under a replication quota.</summary>
    public static readonly ConfigKey<IReadOnlyList<string>> LeaderReplicationThrottledReplicas = List(
        "leader.replication.throttled.replicas", "", ThrottledReplicas,
        "The replicas whose serving of followers is under the replication quota: PARTITION:BROKER,… or *.");

    /// <summary>Part of tiered storage.</summary>
    public static readonly ConfigKey<long> LocalRetentionBytes = Long(
        "local.retention.bytes", -2, AtLeast(-2L), "Part of tiered storage, which this broker does not have: only the default is accepted.")
        .From(new BrokerSynonym("log.local.retention.bytes"));

    /// <summary>Part of tiered storage.</summary>
    public static readonly ConfigKey<long> LocalRetentionMs = Long(
        "local.retention.ms", -2, AtLeast(-2L), "Part of tiered storage, which this broker does not have: only the default is accepted.")
        .From(new BrokerSynonym("log.local.retention.ms"));

    /// <summary>When a record must have been compacted.</summary>
    public static readonly ConfigKey<long> MaxCompactionLagMs = Long(
        "max.compaction.lag.ms", long.MaxValue, AtLeast(1L), "The longest that a record of a compacted topic stays out of compaction (KIP-354).")
        .From(new BrokerSynonym("log.cleaner.max.compaction.lag.ms"));

    /// <summary>The largest batch.</summary>
    public static readonly ConfigKey<int> MaxMessageBytes = Int(
        "max.message.bytes", 1_048_588, AtLeast(0), "The largest record batch, after compression, that the topic takes.")
        .From(new BrokerSynonym("message.max.bytes"));

    /// <summary>Old message formats for old readers.</summary>
    public static readonly ConfigKey<bool> MessageDownconversionEnable = Boolean(
        "message.downconversion.enable", true, "Accepted for compatibility: this broker stores and serves message format v2 only.")
        .From(new BrokerSynonym("log.message.downconversion.enable"))
        .Deprecated("Only message format v2 is served.");

    /// <summary>The message format.</summary>
    public static readonly ConfigKey<string> MessageFormatVersion = String(
        "message.format.version", "3.0-IV1", NotEmpty(), "Accepted for compatibility: this broker stores and serves message format v2 only.")
        .From(new BrokerSynonym("log.message.format.version"))
        .Deprecated("Only message format v2 is stored.");

    /// <summary>How far in the future a timestamp may lie.</summary>
    public static readonly ConfigKey<long> MessageTimestampAfterMaxMs = Long(
        "message.timestamp.after.max.ms", long.MaxValue, AtLeast(0L),
        "How far a CreateTime timestamp may be ahead of the broker's clock; a record beyond is refused (KIP-937).")
        .From(new BrokerSynonym("log.message.timestamp.after.max.ms"));

    /// <summary>How far in the past a timestamp may lie.</summary>
    public static readonly ConfigKey<long> MessageTimestampBeforeMaxMs = Long(
        "message.timestamp.before.max.ms", long.MaxValue, AtLeast(0L),
        "How far a CreateTime timestamp may be behind the broker's clock; a record beyond is refused (KIP-937).")
        .From(new BrokerSynonym("log.message.timestamp.before.max.ms"));

    /// <summary>The older form of the two keys above.</summary>
    public static readonly ConfigKey<long> MessageTimestampDifferenceMaxMs = Long(
        "message.timestamp.difference.max.ms", long.MaxValue, AtLeast(0L),
        "How far a CreateTime timestamp may be from the broker's clock in either direction; it counts where the before and after keys have their default.")
        .From(new BrokerSynonym("log.message.timestamp.difference.max.ms"))
        .Deprecated("Use message.timestamp.before.max.ms and message.timestamp.after.max.ms.");

    /// <summary>What a timestamp means.</summary>
    public static readonly ConfigKey<string> MessageTimestampType = String(
        "message.timestamp.type", "CreateTime", OneOf("CreateTime", "LogAppendTime"),
        "Whether a record's timestamp is the producer's or the time of the append (KIP-32).")
        .From(new BrokerSynonym("log.message.timestamp.type"));

    /// <summary>When compaction is worth its while.</summary>
    public static readonly ConfigKey<double> MinCleanableDirtyRatio = Double(
        "min.cleanable.dirty.ratio", 0.5, Between(0d, 1d), "The share of a compacted log that must be uncompacted before compaction runs.")
        .From(new BrokerSynonym("log.cleaner.min.cleanable.ratio"));

    /// <summary>How long a record is safe from compaction.</summary>
    public static readonly ConfigKey<long> MinCompactionLagMs = Long(
        "min.compaction.lag.ms", 0, AtLeast(0L), "The shortest time that a record stays out of compaction (KIP-58).")
        .From(new BrokerSynonym("log.cleaner.min.compaction.lag.ms"));

    /// <summary>Replicas that an acks=all produce needs.</summary>
    public static readonly ConfigKey<int> MinInsyncReplicas = Int(
        "min.insync.replicas", 1, AtLeast(1), "The fewest in-sync replicas with which a produce with acks=all is accepted.")
        .From(new BrokerSynonym("min.insync.replicas"));

    /// <summary>Allocation of files ahead of writing.</summary>
    public static readonly ConfigKey<bool> Preallocate = Boolean(
        "preallocate", false, "Accepted for compatibility: the log's device decides on the allocation of its files.")
        .From(new BrokerSynonym("log.preallocate"));

    /// <summary>Part of tiered storage.</summary>
    public static readonly ConfigKey<bool> RemoteLogCopyDisable = Boolean(
        "remote.log.copy.disable", false, "Part of tiered storage, which this broker does not have: only the default is accepted.");

    /// <summary>Part of tiered storage.</summary>
    public static readonly ConfigKey<bool> RemoteLogDeleteOnDisable = Boolean(
        "remote.log.delete.on.disable", false, "Part of tiered storage, which this broker does not have: only the default is accepted.");

    /// <summary>Part of tiered storage.</summary>
    public static readonly ConfigKey<bool> RemoteStorageEnable = Boolean(
        "remote.storage.enable", false, "Part of tiered storage, which this broker does not have: only the default is accepted.");

    /// <summary>Retention by size.</summary>
    public static readonly ConfigKey<long> RetentionBytes = Long(
        "retention.bytes", -1, AtLeast(-1L), "The size in bytes above which a partition's oldest segments are dropped; -1 for no limit.")
        .From(new BrokerSynonym("log.retention.bytes"));

    /// <summary>Retention by time.</summary>
    public static readonly ConfigKey<long> RetentionMs = Long(
        "retention.ms", 7 * MillisPerDay, AtLeast(-1L), "The age in milliseconds above which segments are dropped; -1 for no limit.")
        .From(
            new BrokerSynonym("log.retention.ms"),
            new BrokerSynonym("log.retention.minutes", MillisPerMinute),
            new BrokerSynonym("log.retention.hours", MillisPerHour));

    /// <summary>The segment size.</summary>
    public static readonly ConfigKey<int> SegmentBytes = Int(
        "segment.bytes", 1_073_741_824, AtLeast(14), "The size at which the active segment, which is not compacted, ends; a change takes effect with the next append. Files, which retention drops as a whole, have this size rounded up to a power of two from 1 MiB to 1 GiB; they keep the size that the log was made with.")
        .From(new BrokerSynonym("log.segment.bytes"));

    /// <summary>The index size.</summary>
    public static readonly ConfigKey<int> SegmentIndexBytes = Int(
        "segment.index.bytes", 10_485_760, AtLeast(4), "The largest offset index of a segment.")
        .From(new BrokerSynonym("log.index.size.max.bytes"));

    /// <summary>Spread of segment ends.</summary>
    public static readonly ConfigKey<long> SegmentJitterMs = Long(
        "segment.jitter.ms", 0, AtLeast(0L), "The most that is taken off segment.ms at random, so that segments do not all end at once.")
        .From(new BrokerSynonym("log.roll.jitter.ms"), new BrokerSynonym("log.roll.jitter.hours", MillisPerHour));

    /// <summary>The age at which a segment ends.</summary>
    public static readonly ConfigKey<long> SegmentMs = Long(
        "segment.ms", 7 * MillisPerDay, AtLeast(1L), "The time after which the active segment of a compacted topic ends even if it is not full, so that it can be compacted; a change takes effect at once.")
        .From(new BrokerSynonym("log.roll.ms"), new BrokerSynonym("log.roll.hours", MillisPerHour));

    /// <summary>Leaders from outside the ISR.</summary>
    public static readonly ConfigKey<bool> UncleanLeaderElectionEnable = Boolean(
        "unclean.leader.election.enable", false, "Whether a replica outside the ISR may lead when no other is left, at the price of lost records.")
        .From(new BrokerSynonym("unclean.leader.election.enable"));

    /// <summary>All of them.</summary>
    public static ConfigDefinitions All { get; } = new(
        "topic",
        CleanupPolicy, CompressionTypeKey, CompressionGzipLevel, CompressionLz4Level, CompressionZstdLevel, DeleteRetentionMs, Durability,
        FileDeleteDelayMs, FlushMessages, FlushMs, FollowerReplicationThrottledReplicas, IndexIntervalBytes,
        LeaderReplicationThrottledReplicas, LocalRetentionBytes, LocalRetentionMs, MaxCompactionLagMs, MaxMessageBytes,
        MessageDownconversionEnable, MessageFormatVersion, MessageTimestampAfterMaxMs, MessageTimestampBeforeMaxMs,
        MessageTimestampDifferenceMaxMs, MessageTimestampType, MinCleanableDirtyRatio, MinCompactionLagMs, MinInsyncReplicas, Preallocate,
        RemoteLogCopyDisable, RemoteLogDeleteOnDisable, RemoteStorageEnable, RetentionBytes, RetentionMs, SegmentBytes, SegmentIndexBytes,
        SegmentJitterMs, SegmentMs, UncleanLeaderElectionEnable);

    /// <summary>The keys of tiered storage, which take their default only.</summary>
    internal static IReadOnlyList<ConfigKey> DefaultOnly { get; } =
        [LocalRetentionBytes, LocalRetentionMs, RemoteLogCopyDisable, RemoteLogDeleteOnDisable, RemoteStorageEnable];

    private static ConfigRule<IReadOnlyList<string>> ThrottledReplicas => new(
        "[partitionId]:[brokerId],[partitionId]:[brokerId],... or *",
        value => value is [] or ["*"] || value.All(IsReplica)
            ? null
            : $"'{string.Join(",", value)}' must be * or a list of PARTITION:BROKER");

    private static bool IsReplica(string text)
        => text.Split(':') is [var partition, var broker]
            && uint.TryParse(partition, System.Globalization.NumberStyles.None, null, out _)
            && uint.TryParse(broker, System.Globalization.NumberStyles.None, null, out _);
}
