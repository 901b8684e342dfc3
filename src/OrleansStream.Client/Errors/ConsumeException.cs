namespace OrleansStream.Client;

/// <summary>
/// A partition cannot be read on. Other partitions are not affected: the next call goes on with them, and this one
/// stays where it is until it is sought, or reports the failure again.
/// </summary>
public class ConsumeException : OrleansStreamException
{
    /// <summary>A partition cannot be read on.</summary>
    public ConsumeException(ErrorCode error, TopicPartition topicPartition, long offset, string message, Exception? innerException = null)
        : base(error, message, innerException)
    {
        TopicPartition = topicPartition;
        Offset = offset;
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>Where it stands.</summary>
    public long Offset { get; }
}
