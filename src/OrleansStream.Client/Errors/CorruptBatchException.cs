namespace OrleansStream.Client;

/// <summary>A batch that the broker returned is damaged. Seek to <see cref="NextOffset"/> to go on behind it.</summary>
public sealed class CorruptBatchException : ConsumeException
{
    /// <summary>A batch is damaged.</summary>
    /// <param name="topicPartition">The partition.</param>
    /// <param name="offset">Where the consumer stands: the damage is in the batch that holds this offset.</param>
    /// <param name="nextOffset">The first offset behind the damaged batch, as far as it can be told.</param>
    /// <param name="reason">What is wrong with it.</param>
    /// <param name="innerException">What the decoder said.</param>
    public CorruptBatchException(TopicPartition topicPartition, long offset, long nextOffset, string reason, Exception? innerException = null)
        : base(
            ErrorCode.CorruptMessage,
            topicPartition,
            offset,
            $"The batch at offset {offset} of {topicPartition} is corrupt: {reason}. Seek to {nextOffset} to skip it.",
            innerException) => NextOffset = nextOffset;

    /// <summary>The first offset behind the damaged batch, as far as it can be told.</summary>
    public long NextOffset { get; }
}
