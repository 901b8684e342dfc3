namespace OrleansStream.Client;

/// <summary>A record is larger than the producer or the topic allows.</summary>
public sealed class RecordTooLargeException : ProduceException
{
    /// <summary>A record is too large.</summary>
    /// <param name="topicPartition">Where it was to go.</param>
    /// <param name="sizeBytes">Its size in bytes, as a batch of its own.</param>
    /// <param name="limitBytes">The limit in bytes; -1 when the broker refused it without naming one.</param>
    /// <param name="message">Both numbers and which setting to raise.</param>
    public RecordTooLargeException(TopicPartition topicPartition, long sizeBytes, long limitBytes, string message)
        : base(ErrorCode.MessageTooLarge, topicPartition, message)
    {
        SizeBytes = sizeBytes;
        LimitBytes = limitBytes;
    }

    /// <summary>The record's size in bytes, as a batch of its own.</summary>
    public long SizeBytes { get; }

    /// <summary>The limit in bytes; -1 when the broker refused it without naming one.</summary>
    public long LimitBytes { get; }
}
