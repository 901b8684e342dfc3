namespace OrleansStream.Core.Configuration;

/// <content>The parsed values.</content>
public sealed partial class TopicConfig
{
    /// <summary>Whether the last record of each key is kept (<c>cleanup.policy</c>).</summary>
    public bool IsCompacted { get; }

    /// <summary>Whether old segments are dropped (<c>cleanup.policy</c>).</summary>
    public bool IsDeleted { get; }

    /// <summary>How batches are stored; null keeps what the producer chose (<c>compression.type</c>).</summary>
    public CompressionType? CompressionType { get; }

    /// <summary><c>compression.gzip.level</c>; -1 for the library's default.</summary>
    public int CompressionGzipLevel { get; }

    /// <summary><c>compression.lz4.level</c>.</summary>
    public int CompressionLz4Level { get; }

    /// <summary><c>compression.zstd.level</c>.</summary>
    public int CompressionZstdLevel { get; }

    /// <summary>How long compaction keeps tombstones (<c>delete.retention.ms</c>).</summary>
    public long DeleteRetentionMs { get; }

    /// <summary>Whether records are on stable storage before they are acknowledged (<c>durability</c>).</summary>
    public bool IsFlushedBeforeAck { get; }

    /// <summary>How long a deleted file stays (<c>file.delete.delay.ms</c>).</summary>
    public long FileDeleteDelayMs { get; }

    /// <summary>Records after which the log is flushed at the latest (<c>flush.messages</c>).</summary>
    public long FlushMessages { get; }

    /// <summary>Time after which the log is flushed at the latest (<c>flush.ms</c>).</summary>
    public long FlushMs { get; }

    /// <summary>Bytes of log per index entry (<c>index.interval.bytes</c>).</summary>
    public int IndexIntervalBytes { get; }

    /// <summary>The longest that a record stays out of compaction (<c>max.compaction.lag.ms</c>).</summary>
    public long MaxCompactionLagMs { get; }

    /// <summary>The largest record batch (<c>max.message.bytes</c>).</summary>
    public int MaxMessageBytes { get; }

    /// <summary>How far a timestamp may be behind the broker's clock (<c>message.timestamp.before.max.ms</c>).</summary>
    public long MessageTimestampBeforeMaxMs { get; }

    /// <summary>How far a timestamp may be ahead of the broker's clock (<c>message.timestamp.after.max.ms</c>).</summary>
    public long MessageTimestampAfterMaxMs { get; }

    /// <summary>What a timestamp means (<c>message.timestamp.type</c>).</summary>
    public TimestampType MessageTimestampType { get; }

    /// <summary>The uncompacted share at which compaction runs (<c>min.cleanable.dirty.ratio</c>).</summary>
    public double MinCleanableDirtyRatio { get; }

    /// <summary>The shortest time that a record stays out of compaction (<c>min.compaction.lag.ms</c>).</summary>
    public long MinCompactionLagMs { get; }

    /// <summary>In-sync replicas that a produce with acks=all needs (<c>min.insync.replicas</c>).</summary>
    public int MinInsyncReplicas { get; }

    /// <summary>The size above which old segments are dropped; -1 for no limit (<c>retention.bytes</c>).</summary>
    public long RetentionBytes { get; }

    /// <summary>The age above which segments are dropped; -1 for no limit (<c>retention.ms</c>).</summary>
    public long RetentionMs { get; }

    /// <summary>The largest segment (<c>segment.bytes</c>).</summary>
    public int SegmentBytes { get; }

    /// <summary>The largest offset index (<c>segment.index.bytes</c>).</summary>
    public int SegmentIndexBytes { get; }

    /// <summary>The most that is taken off <see cref="SegmentMs"/> at random (<c>segment.jitter.ms</c>).</summary>
    public long SegmentJitterMs { get; }

    /// <summary>The age at which a segment ends (<c>segment.ms</c>).</summary>
    public long SegmentMs { get; }

    /// <summary>Whether a replica outside the ISR may lead when no other is left (<c>unclean.leader.election.enable</c>).</summary>
    public bool IsUncleanLeaderElectionEnabled { get; }
}
