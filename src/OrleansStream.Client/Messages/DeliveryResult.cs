namespace OrleansStream.Client;

/// <summary>Where a delivered record is.</summary>
/// <param name="TopicPartition">The partition.</param>
/// <param name="Offset">The offset; -1 with <see cref="Acks.None"/>, which does not wait for one.</param>
/// <param name="TimestampMs">
/// The record's timestamp in Unix milliseconds: the leader's append time where the topic says LogAppendTime, else the
/// time that the producer gave.
/// </param>
public readonly record struct DeliveryResult(TopicPartition TopicPartition, long Offset, long TimestampMs)
{
    /// <summary>The topic.</summary>
    public string Topic => TopicPartition.Topic;

    /// <summary>The partition's number.</summary>
    public int Partition => TopicPartition.Partition;

    /// <summary>The record's timestamp.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(TimestampMs, 0));
}
