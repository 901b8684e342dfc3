namespace OrleansStream.Protocol.Records;

/// <summary>The outcome of <see cref="RecordBatchValidator.Validate"/>.</summary>
/// <param name="Result">Whether the batch is accepted, and why not.</param>
/// <param name="Header">The batch's header, as far as it could be read.</param>
/// <param name="MaxTimestamp">
/// The largest timestamp: of the records where these were looked at, else what the header says. Where it differs from the
/// header's, <see cref="RecordBatch.SetMaxTimestamp"/> puts it right.
/// </param>
/// <param name="InvalidRecords">
/// The places in the batch of the records that it is refused for (KIP-467), rising; null when it is not refused for single records.
/// </param>
public readonly record struct RecordBatchValidation(
    ValidationResult Result, RecordBatchHeader Header, long MaxTimestamp, IReadOnlyList<int>? InvalidRecords = null)
{
    /// <summary>True when the batch is accepted.</summary>
    public bool IsValid => Result.IsValid;

    /// <summary>The code to answer with.</summary>
    public ErrorCode Error => Result.Error;

    /// <summary>What is wrong; null when nothing is.</summary>
    public string? Message => Result.Message;
}
