namespace OrleansStream.Client;

/// <summary>A record was not delivered, or it is not known whether it was (see <see cref="IsOutcomeUnknown"/>).</summary>
public class ProduceException : OrleansStreamException
{
    /// <summary>A record was not delivered.</summary>
    public ProduceException(
        ErrorCode error,
        TopicPartition topicPartition,
        string message,
        bool isOutcomeUnknown = false,
        Exception? innerException = null)
        : base(error, message, innerException)
    {
        TopicPartition = topicPartition;
        IsOutcomeUnknown = isOutcomeUnknown;
    }

    /// <summary>Where the record was to go; the partition is -1 when none was chosen yet.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>
    /// Whether the record may be in the log all the same: it was sent and no answer came within the delivery time-out.
    /// False means that it is certainly not there.
    /// </summary>
    public bool IsOutcomeUnknown { get; }
}
