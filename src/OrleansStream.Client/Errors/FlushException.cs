namespace OrleansStream.Client;

/// <summary>Records that nobody waited for were not delivered since the last flush.</summary>
public sealed class FlushException : OrleansStreamException
{
    /// <summary>Records were not delivered.</summary>
    /// <param name="failedCount">How many.</param>
    /// <param name="firstFailure">Why the first of them was not.</param>
    public FlushException(long failedCount, ProduceException firstFailure)
        : base(
            (firstFailure ?? throw new ArgumentNullException(nameof(firstFailure))).Error,
            $"{failedCount} records were not delivered since the last flush; the first: {firstFailure.Message}",
            firstFailure)
    {
        FailedCount = failedCount;
        FirstFailure = firstFailure;
    }

    /// <summary>How many records without handler or awaiter were not delivered.</summary>
    public long FailedCount { get; }

    /// <summary>Why the first of them was not.</summary>
    public ProduceException FirstFailure { get; }
}
