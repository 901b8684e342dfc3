namespace OrleansStream.Storage.Compaction;

/// <summary>A log that can be compacted by key while it is read and appended to. Callable from any thread.</summary>
public interface ICompactableLog
{
    /// <summary>The partition.</summary>
    TopicPartition TopicPartition { get; }

    /// <summary>Says how much there is to compact, and whether it is due by the log's configuration.</summary>
    /// <param name="limitOffset">What lies at or above must not be touched: the last stable offset.</param>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait for the disk.</param>
    /// <exception cref="LogOfflineException">The log is offline.</exception>
    ValueTask<CompactionStatus> DescribeCompactionAsync(long limitOffset, long nowMs, CancellationToken cancellationToken);

    /// <summary>
    /// One pass: keeps the last record of each key below a bound. Readers and appends go on; the result takes the place of
    /// what it was made from at once, and a crash leaves the one or the other.
    /// </summary>
    /// <param name="request">The bound, and what has to be kept.</param>
    /// <param name="memory">The memory to work in.</param>
    /// <param name="cancellationToken">Ends the pass, which then has changed nothing.</param>
    /// <exception cref="LogOfflineException">The log is offline, or what was read is damaged.</exception>
    /// <exception cref="CompactionException">The result could not be made; the log itself is as it was.</exception>
    Task<CompactionResult> CompactAsync(CompactionRequest request, CompactionMemory memory, CancellationToken cancellationToken);
}
