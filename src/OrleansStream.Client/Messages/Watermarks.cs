namespace OrleansStream.Client;

/// <summary>The ends of a partition's log at one moment.</summary>
/// <param name="LogStartOffset">The first offset that is there (the low watermark).</param>
/// <param name="HighWatermark">The first offset that is not committed: where a read_uncommitted reader's log ends.</param>
/// <param name="LastStableOffset">Where a read_committed reader's log ends.</param>
public readonly record struct Watermarks(long LogStartOffset, long HighWatermark, long LastStableOffset);
