using static OrleansStream.Core.Configuration.ConfigKeys;
using static OrleansStream.Core.Configuration.ConfigRule;

namespace OrleansStream.Core.Configuration;

/// <content>The keys that give topics their defaults.</content>
public static partial class BrokerConfigKeys
{
    private static ConfigKey[] TopicDefaults() =>
    [
        List("log.cleanup.policy", "delete", ListOf("compact", "delete"), "The cleanup.policy of topics that have none of their own."),
        String("compression.type", "producer", OneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"), "The compression.type of topics that have none of their own."),
        Int("compression.gzip.level", -1, BetweenOr(1, 9, -1), "The gzip level of topics that have none of their own."),
        Int("compression.lz4.level", 9, Between(1, 17), "The lz4 level of topics that have none of their own."),
        Int("compression.zstd.level", 3, Between(-131072, 22), "The zstd level of topics that have none of their own."),
        Long("log.cleaner.delete.retention.ms", 86_400_000, AtLeast(0L), "The delete.retention.ms of topics that have none of their own."),
        String("log.durability", "sync", OneOf("sync", "async"), "The durability of topics that have none of their own."),
        Long("log.segment.delete.delay.ms", 60_000, AtLeast(0L), "The file.delete.delay.ms of topics that have none of their own."),
        Long("log.flush.interval.messages", long.MaxValue, AtLeast(1L), "The flush.messages of topics that have none of their own."),
        Long("log.flush.interval.ms", null, AtLeast(0L), "The flush.ms of topics that have none of their own; unset: log.flush.scheduler.interval.ms."),
        Long("log.flush.scheduler.interval.ms", long.MaxValue, AtLeast(0L), "How often logs with durability=async are looked at for a flush.").ReadOnly(),
        Int("log.index.interval.bytes", 4096, AtLeast(0), "The index.interval.bytes of topics that have none of their own."),
        Int("log.index.size.max.bytes", 10_485_760, AtLeast(4), "The segment.index.bytes of topics that have none of their own."),
        Long("log.local.retention.bytes", -2, OnlyDefault(-2L), "Part of tiered storage, which this broker does not have: only the default is accepted."),
        Long("log.local.retention.ms", -2, OnlyDefault(-2L), "Part of tiered storage, which this broker does not have: only the default is accepted."),
        Long("log.cleaner.max.compaction.lag.ms", long.MaxValue, AtLeast(1L), "The max.compaction.lag.ms of topics that have none of their own."),
        Long("log.cleaner.min.compaction.lag.ms", 0, AtLeast(0L), "The min.compaction.lag.ms of topics that have none of their own."),
        Double("log.cleaner.min.cleanable.ratio", 0.5, Between(0d, 1d), "The min.cleanable.dirty.ratio of topics that have none of their own."),
        Int("message.max.bytes", 1_048_588, AtLeast(0), "The max.message.bytes of topics that have none of their own."),
        Boolean("log.message.downconversion.enable", true, "The message.downconversion.enable of topics that have none of their own."),
        String("log.message.format.version", "3.0-IV1", NotEmpty(), "The message.format.version of topics that have none of their own.").ReadOnly().Deprecated("Only message format v2 is stored."),
        Long("log.message.timestamp.after.max.ms", long.MaxValue, AtLeast(0L), "The message.timestamp.after.max.ms of topics that have none of their own."),
        Long("log.message.timestamp.before.max.ms", long.MaxValue, AtLeast(0L), "The message.timestamp.before.max.ms of topics that have none of their own."),
        Long("log.message.timestamp.difference.max.ms", long.MaxValue, AtLeast(0L), "The message.timestamp.difference.max.ms of topics that have none of their own.").Deprecated("Use log.message.timestamp.before.max.ms and log.message.timestamp.after.max.ms."),
        String("log.message.timestamp.type", "CreateTime", OneOf("CreateTime", "LogAppendTime"), "The message.timestamp.type of topics that have none of their own."),
        Int("min.insync.replicas", 1, AtLeast(1), "The min.insync.replicas of topics that have none of their own."),
        Boolean("log.preallocate", false, "The preallocate of topics that have none of their own."),
        Long("log.retention.bytes", -1, AtLeast(-1L), "The retention.bytes of topics that have none of their own."),
        Long("log.retention.ms", null, UnlimitedOrPositive<long>(), "The retention.ms of topics that have none of their own; unset: log.retention.minutes."),
        Int("log.retention.minutes", null, UnlimitedOrPositive<int>(), "The retention of topics that have none of their own, in minutes; unset: log.retention.hours.").ReadOnly(),
        Int("log.retention.hours", 168, UnlimitedOrPositive<int>(), "The retention of topics that have none of their own, in hours.").ReadOnly(),
        Int("log.segment.bytes", 1_073_741_824, AtLeast(14), "The segment.bytes of topics that have none of their own."),
        Long("log.roll.ms", null, AtLeast(1L), "The segment.ms of topics that have none of their own; unset: log.roll.hours."),
        Int("log.roll.hours", 168, AtLeast(1), "The age at which a segment ends, in hours.").ReadOnly(),
        Long("log.roll.jitter.ms", null, AtLeast(0L), "The segment.jitter.ms of topics that have none of their own; unset: log.roll.jitter.hours."),
        Int("log.roll.jitter.hours", 0, AtLeast(0), "The most that is taken off the age at which a segment ends, in hours.").ReadOnly(),
        Boolean("unclean.leader.election.enable", false, "The unclean.leader.election.enable of topics that have none of their own."),
    ];

    private static ConfigRule<long> OnlyDefault(long value)
        => new($"[{value}]", given => given == value ? null : $"tiered storage is not supported, only {value} is accepted");
}
