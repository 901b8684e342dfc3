namespace OrleansStream.Storage;

/// <summary>The outcome of a read.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Records">Whole batches back to back. The memory belongs to the caller.</param>
public readonly record struct LogReadResult(LogReadStatus Status, ReadOnlyMemory<byte> Records);

/// <summary>The outcomes of a read.</summary>
public enum LogReadStatus
{
    /// <summary>Read, or nothing there yet.</summary>
    Ok,

    /// <summary>The offset is below the log start offset or above the log end offset.</summary>
    OffsetOutOfRange,
}

/// <summary>A record found by its timestamp.</summary>
/// <param name="Offset">The record's offset.</param>
/// <param name="Timestamp">Its timestamp in Unix milliseconds.</param>
/// <param name="LeaderEpoch">The leader epoch of its batch.</param>
public readonly record struct TimestampOffset(long Offset, long Timestamp, int LeaderEpoch);
