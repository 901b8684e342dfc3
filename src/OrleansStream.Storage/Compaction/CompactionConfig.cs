namespace OrleansStream.Storage.Compaction;

/// <summary>The part of a topic's configuration that says when and how its logs are compacted.</summary>
/// <param name="MinCleanableDirtyRatio"><c>min.cleanable.dirty.ratio</c>: the share of the log that must be uncompacted before compaction is worth its while.</param>
/// <param name="DeleteRetentionMs"><c>delete.retention.ms</c>: how long tombstones and transaction markers are kept after the first compaction that met them.</param>
/// <param name="MinCompactionLagMs"><c>min.compaction.lag.ms</c>: records are safe from compaction for so long (KIP-58).</param>
/// <param name="MaxCompactionLagMs"><c>max.compaction.lag.ms</c>: records are compacted after so long whatever the ratio (KIP-354).</param>
public sealed record CompactionConfig(
    double MinCleanableDirtyRatio,
    long DeleteRetentionMs,
    long MinCompactionLagMs,
    long MaxCompactionLagMs)
{
    /// <summary>Kafka's defaults.</summary>
    public static CompactionConfig Default { get; } = new(0.5, 24L * 60 * 60 * 1000, 0, long.MaxValue);
}
