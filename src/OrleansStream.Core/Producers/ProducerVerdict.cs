namespace OrleansStream.Core.Producers;

/// <summary>What the producer state says to a batch.</summary>
/// <param name="Kind">Append it, answer with an earlier append, or refuse it.</param>
/// <param name="Error">Why it is refused; <see cref="ErrorCode.None"/> otherwise.</param>
/// <param name="Message">What was wrong, with the values; null unless refused.</param>
/// <param name="BaseOffset">The offset of the first append of a duplicate; -1 otherwise.</param>
/// <param name="EndOffset">The offset after the first append of a duplicate; -1 otherwise.</param>
/// <param name="TimestampMs">The timestamp of the first append of a duplicate; -1 otherwise.</param>
public readonly record struct ProducerVerdict(
    ProducerVerdictKind Kind,
    ErrorCode Error,
    string? Message,
    long BaseOffset,
    long EndOffset,
    long TimestampMs)
{
    /// <summary>The batch is new and in sequence.</summary>
    public static ProducerVerdict Append { get; } = new(ProducerVerdictKind.Append, ErrorCode.None, null, -1, -1, -1);

    /// <summary>The batch was appended before.</summary>
    public static ProducerVerdict Duplicate(long baseOffset, long endOffset, long timestampMs)
        => new(ProducerVerdictKind.Duplicate, ErrorCode.None, null, baseOffset, endOffset, timestampMs);

    /// <summary>The batch must not be appended.</summary>
    public static ProducerVerdict Refuse(ErrorCode error, string message)
        => new(ProducerVerdictKind.Refuse, error, message, -1, -1, -1);
}

/// <summary>The kinds of a <see cref="ProducerVerdict"/>.</summary>
public enum ProducerVerdictKind
{
    /// <summary>New and in sequence.</summary>
    Append,

    /// <summary>One of the last batches of this producer, sent again.</summary>
    Duplicate,

    /// <summary>Out of sequence, or from a fenced producer.</summary>
    Refuse,
}
