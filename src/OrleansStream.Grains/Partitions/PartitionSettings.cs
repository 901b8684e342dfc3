using OrleansStream.Core.Configuration;
using OrleansStream.Core.Replicas;
using OrleansStream.Core.Throttling;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Grains.Partitions;

/// <summary>A topic's configuration, cut to what each part of a partition needs.</summary>
internal sealed record PartitionSettings(
    ReplicaConfig Replica, LogConfig Log, RecordBatchLimits Limits, CompressionType? Compression, int? CompressionLevel)
{
    /// <summary>The replicas whose serving of followers is under the replication quota.</summary>
    public ThrottledReplicas LeaderThrottled { get; init; } = ThrottledReplicas.None;

    /// <summary>The replicas whose fetching is under the replication quota.</summary>
    public ThrottledReplicas FollowerThrottled { get; init; } = ThrottledReplicas.None;

    /// <summary>How many bytes may wait for room in one partition's log before further batches are refused.</summary>
    public long MaxQueuedBytes => Math.Max(32L * 1024 * 1024, 4L * Replica.MaxMessageBytes);

    public static PartitionSettings From(TopicConfig topic, BrokerConfig broker) => new(
        new ReplicaConfig(
            topic.MaxMessageBytes,
            topic.MinInsyncReplicas,
            topic.MessageTimestampType,
            topic.IsFlushedBeforeAck,
            topic.IsDeleted,
            broker.Get(BrokerConfigKeys.ReplicaLagTimeMaxMs)),
        new LogConfig(topic.SegmentBytes, topic.RetentionMs, topic.RetentionBytes, topic.IndexIntervalBytes, topic.IsDeleted)
        {
            SegmentMs = topic.SegmentMs,
            DelayedFlush = topic.IsFlushedBeforeAck ? null : new DelayedFlush(topic.FlushMessages, topic.FlushMs),
            Compaction = topic.IsCompacted
                ? new CompactionConfig(topic.MinCleanableDirtyRatio, topic.DeleteRetentionMs, topic.MinCompactionLagMs, topic.MaxCompactionLagMs)
                : null,
        },
        new RecordBatchLimits
        {
            MaxMessageBytes = topic.MaxMessageBytes,
            TimestampType = topic.MessageTimestampType,
            TimestampBeforeMaxMs = topic.MessageTimestampBeforeMaxMs,
            TimestampAfterMaxMs = topic.MessageTimestampAfterMaxMs,
            RequireKeys = topic.IsCompacted,
        },
        topic.CompressionType,
        topic.CompressionType switch
        {
            CompressionType.Gzip when topic.CompressionGzipLevel >= 0 => topic.CompressionGzipLevel,
            CompressionType.Lz4 => topic.CompressionLz4Level,
            CompressionType.Zstd => topic.CompressionZstdLevel,
            _ => null,
        })
    {
        LeaderThrottled = ThrottledReplicas.Parse(topic.Get(TopicConfigKeys.LeaderReplicationThrottledReplicas)),
        FollowerThrottled = ThrottledReplicas.Parse(topic.Get(TopicConfigKeys.FollowerReplicationThrottledReplicas)),
    };
}
