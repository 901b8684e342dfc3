namespace OrleansStream.Core.Replicas;

/// <summary>What to do with a batch.</summary>
/// <param name="Kind">Append, answer as a duplicate, or refuse.</param>
/// <param name="Error">Why it is refused; <see cref="ErrorCode.None"/> otherwise.</param>
/// <param name="Message">What was wrong, with the value and what would be right; null unless refused.</param>
/// <param name="BaseOffset">The offset of the first record: to be appended, or of a duplicate's first append; -1 if refused.</param>
/// <param name="EndOffset">The offset that must be durable before the answer; -1 if refused.</param>
/// <param name="LeaderEpoch">The leader epoch to stamp; -1 without a leader.</param>
/// <param name="LogAppendTimeMs">The time to stamp (topic with LogAppendTime) or that was stamped; -1 for CreateTime.</param>
public readonly record struct ProduceDecision(
    ProduceDecisionKind Kind,
    ErrorCode Error,
    string? Message,
    long BaseOffset,
    long EndOffset,
    int LeaderEpoch,
    long LogAppendTimeMs)
{
    /// <summary>
    /// Whether the batch is refused because the one before it is missing. That one may just be slower on its way: the batch
    /// may be decided on again once it has arrived.
    /// </summary>
    public bool MayBeEarly => Kind == ProduceDecisionKind.Refuse && Error == ErrorCode.OutOfOrderSequenceNumber;
}

/// <summary>The kinds of a <see cref="ProduceDecision"/>.</summary>
public enum ProduceDecisionKind
{
    /// <summary>Append it.</summary>
    Append,

    /// <summary>It is in the log already: answer as the first time, once that is durable.</summary>
    Duplicate,

    /// <summary>Answer with the error.</summary>
    Refuse,
}
