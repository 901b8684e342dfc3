namespace OrleansStream.Client;

/// <summary>
/// Offsets were not stored. With <see cref="ErrorCode.RebalanceInProgress"/>: read on, and commit what the consumer still owns
/// after the rebalance. With <see cref="ErrorCode.UnknownMemberId"/> or <see cref="ErrorCode.IllegalGeneration"/>: the consumer
/// has lost its partitions to others, which will read the records again.
/// </summary>
public sealed class CommitFailedException : GroupException
{
    /// <summary>Offsets were not stored.</summary>
    public CommitFailedException(ErrorCode error, string groupId, string message, Exception? innerException = null)
        : base(error, groupId, message, innerException)
    {
    }
}
