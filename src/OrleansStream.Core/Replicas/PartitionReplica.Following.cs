namespace OrleansStream.Core.Replicas;

/// <content>
/// Copying a leader's log. A follower never cuts its log to its own high watermark, which may lag behind what was acknowledged: each
/// fetch names the epoch of its last batch, and the leader says where the histories part (KIP-101, KIP-279).
/// </content>
public sealed partial class PartitionReplica
{
    /// <summary>What to ask the leader next; null unless this replica follows one.</summary>
    /// <param name="epochs">The log's.</param>
    /// <param name="brokerEpoch">The broker's current registration.</param>
    public ReplicaFetch? NextFetch(ILeaderEpochs epochs, long brokerEpoch)
    {
        ArgumentNullException.ThrowIfNull(epochs);
        return Role == ReplicaRole.Follower && Leader >= 0
            ? new ReplicaFetch(BrokerId, brokerEpoch, LeaderEpoch, LogEndOffset, epochs.LatestEpoch, HeldOffset)
            : null;
    }

    /// <summary>
    /// How far this follower's log is on disk, for its leader; null unless it holds something that it has copied in this leader epoch. Before
    /// that, what it holds may still be cut, and a late word of it must not be taken for one of what came instead.
    /// </summary>
    /// <param name="brokerEpoch">The broker's current registration.</param>
    public ReplicaFlush? FlushReport(long brokerEpoch)
        => Role == ReplicaRole.Follower && Leader >= 0 && _copiedInEpoch == LeaderEpoch
            ? new ReplicaFlush(BrokerId, brokerEpoch, LeaderEpoch, HeldOffset)
            : null;

    /// <summary>What to do with the leader's answer to a fetch.</summary>
    public FollowerAction DecideFetched(in ReplicaFetch fetch, in ReplicaFetchAnswer answer, ILeaderEpochs epochs)
    {
        ArgumentNullException.ThrowIfNull(epochs);

        // A late answer that tells to cut the log must not hit the log that has since been copied to the same length.
        if (Role != ReplicaRole.Follower
            || LeaderEpoch != fetch.LeaderEpoch
            || LogEndOffset != fetch.FetchOffset
            || epochs.LatestEpoch != fetch.LastFetchedEpoch)
        {
            return new FollowerAction(FollowerActionKind.Ignore);
        }

        return answer.Error switch
        {
            ErrorCode.None => answer.DivergingEpoch is { } diverging
                ? new FollowerAction(FollowerActionKind.Truncate, TruncationOffset(diverging, epochs))
                : new FollowerAction(FollowerActionKind.Append),
            ErrorCode.OffsetOutOfRange when answer.LogStartOffset >= 0 => new FollowerAction(FollowerActionKind.StartOver, answer.LogStartOffset),
            _ => new FollowerAction(FollowerActionKind.BackOff),
        };
    }

    /// <summary>Takes note of a batch that the follower has appended as the leader sent it.</summary>
    public void OnReplicated(in Producers.ProducerBatch batch, long baseOffset, long nowMs)
    {
        if (Role != ReplicaRole.Follower || baseOffset < LogEndOffset)
        {
            throw new InvalidOperationException($"{TopicPartition} is {Role} and ends at {LogEndOffset}; a batch was copied to {baseOffset}.");
        }

        Producers.Replay(batch, baseOffset, nowMs);
        LogEndOffset = baseOffset + batch.LastOffsetDelta + 1;
        _copiedInEpoch = LeaderEpoch;
    }

    /// <summary>Takes over the leader's high watermark, as far as this log goes.</summary>
    public ReplicaEffects OnLeaderProgress(long leaderHighWatermark)
    {
        var known = Math.Min(leaderHighWatermark, LogEndOffset);
        if (Role != ReplicaRole.Follower || known <= HighWatermark)
        {
            return ReplicaEffects.None;
        }

        HighWatermark = known;
        return new ReplicaEffects(true, [], null);
    }

    /// <summary>
    /// The follower's log was cut, or begun anew. What is known of producers is void from now on: the caller rebuilds it from the log before
    /// the next command.
    /// </summary>
    public void OnTruncated(long logStartOffset, long logEndOffset, long flushedOffset)
    {
        if (Role != ReplicaRole.Follower)
        {
            throw new InvalidOperationException($"{TopicPartition} is {Role}; only a follower's log is cut.");
        }

        _copiedInEpoch = -1;
        LogStartOffset = logStartOffset;
        LogEndOffset = logEndOffset;
        FlushedOffset = Math.Min(flushedOffset, logEndOffset);
        HighWatermark = Math.Clamp(HighWatermark, logStartOffset, logEndOffset);
        Producers.Reset(logStartOffset);
    }

    /// <summary>
    /// Where the leader's history and this one part at the latest: at the end of the leader's epoch here or there. If this log has only
    /// records of later epochs, none of them is the leader's.
    /// </summary>
    private long TruncationOffset(EpochEnd diverging, ILeaderEpochs epochs)
    {
        var (epoch, ownEnd) = epochs.EndOffsetForEpoch(diverging.Epoch);
        return epoch < 0 ? LogStartOffset : Math.Clamp(Math.Min(diverging.EndOffset, ownEnd), LogStartOffset, LogEndOffset);
    }
}
