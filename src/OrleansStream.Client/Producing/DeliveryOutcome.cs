namespace OrleansStream.Client;

/// <summary>What became of a batch.</summary>
/// <param name="TopicPartition">Its partition.</param>
/// <param name="BaseOffset">The offset of its first record; -1 if unknown or not appended.</param>
/// <param name="LogAppendTimeMs">The append time where the topic says so, else -1.</param>
/// <param name="Error">Why it was not delivered; null when it was.</param>
internal readonly record struct DeliveryOutcome(TopicPartition TopicPartition, long BaseOffset, long LogAppendTimeMs, ProduceException? Error)
{
    public DeliveryResult ResultOf(int index, long timestampMs)
        => new(TopicPartition, BaseOffset < 0 ? -1 : BaseOffset + index, LogAppendTimeMs >= 0 ? LogAppendTimeMs : timestampMs);
}
