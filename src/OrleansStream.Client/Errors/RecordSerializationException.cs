namespace OrleansStream.Client;

/// <summary>A serializer or deserializer failed.</summary>
public sealed class RecordSerializationException : OrleansStreamException
{
    /// <summary>A serializer or deserializer failed.</summary>
    /// <param name="topicPartition">The partition; its number is -1 when none was chosen yet.</param>
    /// <param name="offset">The record's offset, -1 when it has none yet.</param>
    /// <param name="part">Which part of the record.</param>
    /// <param name="innerException">What the serializer threw.</param>
    public RecordSerializationException(TopicPartition topicPartition, long offset, RecordPart part, Exception innerException)
        : base(
            ErrorCode.InvalidRecord,
            offset < 0
                ? $"The {part.ToString().ToLowerInvariant()} of a record for topic '{topicPartition.Topic}' cannot be serialized: {innerException?.Message}"
                : $"The {part.ToString().ToLowerInvariant()} of the record at offset {offset} of {topicPartition} cannot be deserialized: {innerException?.Message}",
            innerException)
    {
        TopicPartition = topicPartition;
        Offset = offset;
        Part = part;
    }

    /// <summary>The partition; its number is -1 when none was chosen yet.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>The record's offset, -1 when it has none yet.</summary>
    public long Offset { get; }

    /// <summary>Which part of the record.</summary>
    public RecordPart Part { get; }
}
