namespace OrleansStream.Client;

/// <summary>The partition does not have the offset, and <see cref="AutoOffsetReset.None"/> forbids another.</summary>
public sealed class OffsetOutOfRangeException : ConsumeException
{
    /// <summary>The partition does not have the offset.</summary>
    /// <param name="topicPartition">The partition.</param>
    /// <param name="offset">The offset asked for.</param>
    /// <param name="logStartOffset">The first valid offset.</param>
    /// <param name="endOffset">The last valid offset: the one that the next record gets.</param>
    public OffsetOutOfRangeException(TopicPartition topicPartition, long offset, long logStartOffset, long endOffset)
        : base(
            ErrorCode.OffsetOutOfRange,
            topicPartition,
            offset,
            $"Offset {offset} of {topicPartition} is out of range; valid are {logStartOffset} to {endOffset}.")
    {
        LogStartOffset = logStartOffset;
        EndOffset = endOffset;
    }

    /// <summary>The first valid offset.</summary>
    public long LogStartOffset { get; }

    /// <summary>The last valid offset: the one that the next record gets.</summary>
    public long EndOffset { get; }
}
