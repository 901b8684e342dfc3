namespace OrleansStream.Core.Replicas;

/// <content>What readers may see.</content>
public sealed partial class PartitionReplica
{
    /// <summary>Whether a client may read at an offset, and up to where (KIP-320 for the epoch).</summary>
    /// <param name="offset">The first offset wanted.</param>
    /// <param name="currentLeaderEpoch">The epoch that the reader knows, -1 to skip the check.</param>
    /// <param name="isolationLevel">Up to the high watermark or up to the last stable offset.</param>
    /// <param name="allowsFollower">Whether a follower may answer, with what it knows to be committed (KIP-392).</param>
    /// <returns>The first offset that may not be returned.</returns>
    public Outcome<long> DecideRead(long offset, int currentLeaderEpoch, IsolationLevel isolationLevel, bool allowsFollower = false)
    {
        if (CheckLeaderEpoch(currentLeaderEpoch) is { IsSuccess: false } refusal
            && !(allowsFollower && Role == ReplicaRole.Follower && refusal.Error == ErrorCode.NotLeaderOrFollower))
        {
            return refusal;
        }

        // Above the high watermark but inside the log there is merely nothing to read yet.
        return offset < LogStartOffset || offset > LogEndOffset
            ? Outcome.Failure(
                ErrorCode.OffsetOutOfRange,
                $"Offset {offset} of {TopicPartition} is out of range: the partition holds {LogStartOffset} to {LogEndOffset}.")
            : Outcome.Of(End(isolationLevel));
    }

    /// <summary>Which replica a consumer should read from instead of this leader (KIP-392).</summary>
    /// <param name="nearby">The brokers in the consumer's rack.</param>
    /// <param name="offset">Where it reads.</param>
    /// <returns>The in-sync follower among them that holds the offset and most after it; -1 if there is none, or this leader is near as well.</returns>
    public int PreferredReadReplica(IReadOnlyCollection<int> nearby, long offset)
    {
        ArgumentNullException.ThrowIfNull(nearby);
        if (Role != ReplicaRole.Leader || nearby.Contains(BrokerId))
        {
            return -1;
        }

        var (preferred, end) = (-1, offset - 1);
        foreach (var id in _isr)
        {
            if (nearby.Contains(id) && _followers.TryGetValue(id, out var follower) && follower.FlushedEndOffset > end)
            {
                (preferred, end) = (id, follower.FlushedEndOffset);
            }
        }

        return preferred;
    }

    /// <summary>The end of the log that the isolation level allows (ListOffsets with timestamp -1).</summary>
    public Outcome<long> DecideLatest(int currentLeaderEpoch, IsolationLevel isolationLevel)
    {
        if (CheckLeaderEpoch(currentLeaderEpoch) is { IsSuccess: false } refusal)
        {
            return refusal;
        }

        // A new leader's high watermark may lag behind what the old one has shown; nobody may see it go back (KIP-207).
        return HighWatermark < _epochStartOffset
            ? Outcome.Failure(
                ErrorCode.OffsetNotAvailable,
                $"The high watermark {HighWatermark} of {TopicPartition} has not reached the beginning {_epochStartOffset} of leader epoch {LeaderEpoch} yet.")
            : Outcome.Of(End(isolationLevel));
    }

    /// <summary>Whether a caller that knows this epoch may ask this replica, which must lead.</summary>
    public Outcome CheckLeaderEpoch(int currentLeaderEpoch)
    {
        if (Role == ReplicaRole.Offline)
        {
            return Outcome.Failure(ErrorCode.KafkaStorageError, OfflineReason!);
        }

        if (Role == ReplicaRole.Unassigned)
        {
            return Outcome.Failure(ErrorCode.NotLeaderOrFollower, $"Broker {BrokerId} does not lead {TopicPartition}.");
        }

        if (currentLeaderEpoch >= 0 && currentLeaderEpoch < LeaderEpoch)
        {
            return Outcome.Failure(
                ErrorCode.FencedLeaderEpoch,
                $"Leader epoch {currentLeaderEpoch} of {TopicPartition} is old; the current one is {LeaderEpoch}.");
        }

        if (currentLeaderEpoch > LeaderEpoch)
        {
            return Outcome.Failure(
                ErrorCode.UnknownLeaderEpoch,
                $"Leader epoch {currentLeaderEpoch} of {TopicPartition} is not known here yet; the current one is {LeaderEpoch}.");
        }

        return Role == ReplicaRole.Leader
            ? Outcome.Success
            : Outcome.Failure(
                ErrorCode.NotLeaderOrFollower,
                $"Broker {BrokerId} does not lead {TopicPartition}; broker {Leader} does, in epoch {LeaderEpoch}.");
    }

    /// <summary>Where a DeleteRecords puts the log's beginning.</summary>
    /// <param name="beforeOffset">The first offset to keep; -1 for the high watermark.</param>
    public Outcome<long> DecideDeleteRecords(long beforeOffset)
    {
        if (CheckLeaderEpoch(-1) is { IsSuccess: false } refusal)
        {
            return refusal;
        }

        if (!Config.AllowsDeleteRecords)
        {
            return Outcome.Failure(
                ErrorCode.PolicyViolation,
                $"Records of {TopicPartition} cannot be deleted by offset: its cleanup.policy does not contain delete.");
        }

        var offset = beforeOffset == -1 ? HighWatermark : beforeOffset;
        return offset < 0 || offset > HighWatermark
            ? Outcome.Failure(
                ErrorCode.OffsetOutOfRange,
                $"Records of {TopicPartition} before offset {beforeOffset} cannot be deleted: the offset must be -1 or between 0 and the high watermark {HighWatermark}.")
            : Outcome.Of(Math.Max(offset, LogStartOffset));
    }

    private long End(IsolationLevel isolationLevel)
        => isolationLevel == IsolationLevel.ReadCommitted ? LastStableOffset : HighWatermark;
}
