namespace OrleansStream.Storage.Compaction;

/// <summary>What a pass of compaction may do.</summary>
/// <param name="LimitOffset">What lies at or above must not be touched: the last stable offset.</param>
/// <param name="NowMs">The time, Unix milliseconds.</param>
/// <param name="Producers">The idempotent producers that the partition remembers, by id.</param>
public sealed record CompactionRequest(long LimitOffset, long NowMs, IReadOnlyDictionary<long, ActiveProducer> Producers);

/// <summary>How much of a log there is to compact.</summary>
/// <param name="CleanBytes">The bytes in which each key has one record.</param>
/// <param name="CleanableBytes">The bytes after them that may be compacted now.</param>
/// <param name="IsDue">Whether the log's configuration asks for a pass: enough to clean, or records that have waited for too long.</param>
public readonly record struct CompactionStatus(long CleanBytes, long CleanableBytes, bool IsDue)
{
    /// <summary>The cleanable share of the two.</summary>
    public double DirtyRatio => CleanableBytes == 0 ? 0 : (double)CleanableBytes / (CleanBytes + CleanableBytes);
}

/// <summary>What a pass did.</summary>
/// <param name="IsDone">False: there was nothing to do, or the log was truncated meanwhile and the pass was given up.</param>
/// <param name="CleanedOffset">Each key has one record at most below this offset; a pass whose map is full stops before the bound.</param>
/// <param name="RecordsRead">Records that were looked at.</param>
/// <param name="RecordsKept">Records that stay.</param>
/// <param name="BytesBefore">Bytes that were looked at.</param>
/// <param name="BytesAfter">Bytes that took their place.</param>
public readonly record struct CompactionResult(
    bool IsDone, long CleanedOffset, long RecordsRead, long RecordsKept, long BytesBefore, long BytesAfter);
