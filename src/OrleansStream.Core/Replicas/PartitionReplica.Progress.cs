namespace OrleansStream.Core.Replicas;

/// <content>The high watermark and the ISR.</content>
public sealed partial class PartitionReplica
{
    /// <summary>Up to where this replica counts as holding the log.</summary>
    private long HeldOffset => Config.DurableBeforeAck ? FlushedOffset : LogEndOffset;

    /// <summary>Records may have been appended with enough replicas and be committed with too few.</summary>
    private ErrorCode AllReplicasOutcome
        => _isr.Count < Config.MinInSyncReplicas ? ErrorCode.NotEnoughReplicasAfterAppend : ErrorCode.None;

    /// <summary>Everything below <paramref name="flushedOffset"/> is on this replica's stable storage.</summary>
    public ReplicaEffects OnLocalFlush(long flushedOffset)
    {
        if (flushedOffset > LogEndOffset)
        {
            throw new InvalidOperationException($"{TopicPartition} was flushed to {flushedOffset}, past its end {LogEndOffset}.");
        }

        if (flushedOffset <= FlushedOffset || Role == ReplicaRole.Offline)
        {
            return ReplicaEffects.None;
        }

        FlushedOffset = flushedOffset;
        return Advance();
    }

    /// <summary>The log's first offset has moved (retention or DeleteRecords).</summary>
    public ReplicaEffects OnLogStartAdvanced(long logStartOffset)
    {
        if (logStartOffset <= LogStartOffset)
        {
            return ReplicaEffects.None;
        }

        LogStartOffset = logStartOffset;
        LogEndOffset = Math.Max(LogEndOffset, logStartOffset);
        FlushedOffset = Math.Max(FlushedOffset, logStartOffset);
        if (HighWatermark < logStartOffset)
        {
            HighWatermark = logStartOffset;
        }

        return Advance();
    }

    /// <summary>A follower asks for what comes after the records that it has flushed.</summary>
    /// <returns>Effects, with an ISR proposal if the follower is in sync now.</returns>
    public ReplicaTransition OnFollowerFetch(int brokerId, int leaderEpoch, long flushedEndOffset, long nowMs)
    {
        if (CheckLeaderEpoch(leaderEpoch) is { IsSuccess: false } refusal)
        {
            return new ReplicaTransition(refusal.Error, refusal.Message, ReplicaEffects.None);
        }

        if (!_followers.TryGetValue(brokerId, out var follower))
        {
            return new ReplicaTransition(
                ErrorCode.UnknownLeaderEpoch,
                $"Broker {brokerId} is not among the replicas [{string.Join(", ", _replicas)}] of {TopicPartition} known in leader epoch {LeaderEpoch}.",
                ReplicaEffects.None);
        }

        if (flushedEndOffset > LogEndOffset)
        {
            return new ReplicaTransition(
                ErrorCode.OffsetOutOfRange,
                $"Broker {brokerId} has {TopicPartition} up to {flushedEndOffset}, past the leader's end {LogEndOffset}.",
                ReplicaEffects.None);
        }

        follower.OnFetch(flushedEndOffset, LogEndOffset, nowMs);
        var effects = Advance();
        return new ReplicaTransition(ErrorCode.None, null, effects with { IsrProposal = ProposeExpansion(follower) });
    }

    /// <summary>Drops followers from the ISR that have lagged for too long.</summary>
    /// <returns>The proposal, or null when the ISR is fine or a change is under way.</returns>
    public IsrProposal? CheckIsr(long nowMs)
    {
        if (Role != ReplicaRole.Leader || _pendingIsr is not null)
        {
            return null;
        }

        var inSync = _isr.Where(id => id == BrokerId || !HasLagged(id, nowMs)).ToArray();
        return inSync.Length == _isr.Count ? null : _pendingIsr = new IsrProposal(inSync, LeaderEpoch, PartitionEpoch);
    }

    /// <summary>The metadata store has taken the proposal; <paramref name="partitionEpoch"/> is the version that it gave.</summary>
    public ReplicaEffects OnIsrCommitted(IsrProposal proposal, int partitionEpoch)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        if (!ReferenceEquals(_pendingIsr, proposal))
        {
            return ReplicaEffects.None;
        }

        _pendingIsr = null;
        _isr = proposal.Isr;
        PartitionEpoch = partitionEpoch;
        return Advance();
    }

    /// <summary>The metadata store has refused the proposal: the controller has spoken or will.</summary>
    public void OnIsrRefused(IsrProposal proposal)
    {
        if (ReferenceEquals(_pendingIsr, proposal))
        {
            _pendingIsr = null;
        }
    }

    private IsrProposal? ProposeExpansion(FollowerProgress follower)
    {
        // In sync is who has everything committed and at least the beginning of this leader's epoch (KAFKA-6361).
        if (_pendingIsr is not null
            || _isr.Contains(follower.BrokerId)
            || follower.FlushedEndOffset < HighWatermark
            || follower.FlushedEndOffset < _epochStartOffset)
        {
            return null;
        }

        var wished = _replicas.Where(id => id == follower.BrokerId || _isr.Contains(id)).ToArray();
        return _pendingIsr = new IsrProposal(wished, LeaderEpoch, PartitionEpoch);
    }

    private bool HasLagged(int brokerId, long nowMs)
        => !_followers.TryGetValue(brokerId, out var follower)
            || (follower.FlushedEndOffset != LogEndOffset && nowMs - follower.LastCaughtUpMs > Config.ReplicaLagTimeMaxMs);

    private ReplicaEffects Advance()
    {
        if (Role != ReplicaRole.Leader)
        {
            return ReplicaEffects.None;
        }

        var advanced = AdvanceHighWatermark();
        if (_pendingAcks.Count == 0)
        {
            return advanced ? new ReplicaEffects(true, [], null) : ReplicaEffects.None;
        }

        var acks = new List<AckOutcome>();
        CompleteAcks(acks);
        return advanced || acks.Count > 0 ? new ReplicaEffects(advanced, acks, null) : ReplicaEffects.None;
    }

    private bool AdvanceHighWatermark()
    {
        if (_isr.Count < Math.Min(Config.MinInSyncReplicas, _replicas.Count))
        {
            return false;
        }

        var committed = HeldOffset;
        foreach (var (brokerId, follower) in _followers)
        {
            if (_isr.Contains(brokerId) || (_pendingIsr?.Isr.Contains(brokerId) ?? false))
            {
                committed = Math.Min(committed, follower.FlushedEndOffset);
            }
        }

        if (committed <= HighWatermark)
        {
            return false;
        }

        HighWatermark = committed;
        return true;
    }

    private void CompleteAcks(List<AckOutcome> acks)
        => _pendingAcks.Complete(HeldOffset, HighWatermark, AllReplicasOutcome, acks);
}
