using OrleansStream.Storage.Compaction;

namespace OrleansStream.Storage;

/// <summary>The part of a topic's configuration that its logs obey.</summary>
/// <param name="SegmentBytes"><c>segment.bytes</c>: retention frees space in such steps; rounded up to a power of two, 1 MiB to 1 GiB.</param>
/// <param name="RetentionMs"><c>retention.ms</c>; -1 for no limit.</param>
/// <param name="RetentionBytes"><c>retention.bytes</c>; -1 for no limit.</param>
/// <param name="IndexIntervalBytes"><c>index.interval.bytes</c>: bytes between two entries of the sparse indexes.</param>
/// <param name="DeleteByRetention">Whether <c>cleanup.policy</c> contains <c>delete</c>.</param>
public sealed record LogConfig(
    int SegmentBytes,
    long RetentionMs,
    long RetentionBytes,
    int IndexIntervalBytes,
    bool DeleteByRetention)
{
    /// <summary>When and how the log is compacted; null if <c>cleanup.policy</c> does not contain <c>compact</c>.</summary>
    public CompactionConfig? Compaction { get; init; }

    /// <summary>When appends are flushed that nobody waits for; null for at once (<c>durability=sync</c>).</summary>
    public DelayedFlush? DelayedFlush { get; init; }

    /// <summary><c>segment.ms</c>: the age, since its first append, at which the active segment ends so that it can be compacted.</summary>
    public long SegmentMs { get; init; } = 7L * 24 * 60 * 60 * 1000;

    /// <summary>Kafka's defaults, with segments of 64 MiB.</summary>
    public static LogConfig Default { get; } = new(64 * 1024 * 1024, 7L * 24 * 60 * 60 * 1000, -1, 4096, true);
}
