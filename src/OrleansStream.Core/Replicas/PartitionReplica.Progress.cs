using System.Collections.Immutable;
using OrleansStream.Core.Controller;

namespace OrleansStream.Core.Replicas;

/// <content>The high watermark and the ISR.</content>
public sealed partial class PartitionReplica
{
    /// <summary>Up to where this replica counts as holding the log.</summary>
    private long HeldOffset => Config.DurableBeforeAck ? FlushedOffset : LogEndOffset;

    /// <summary>A topic with fewer replicas than it wants in sync is content with all of them.</summary>
    private int EffectiveMinInSync => Math.Min(Config.MinInSyncReplicas, _replicas.Count);

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

    /// <summary>A follower asks for what comes after the records that it has.</summary>
    /// <param name="fetch">What it asks and tells.</param>
    /// <param name="epochs">This replica's log.</param>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    /// <returns>What to answer; with effects, and an ISR proposal if the follower is in sync now.</returns>
    public FollowerFetchDecision OnFollowerFetch(in ReplicaFetch fetch, ILeaderEpochs epochs, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(epochs);
        if (CheckLeaderEpoch(fetch.LeaderEpoch) is { IsSuccess: false } refusal)
        {
            return RefuseFetch(refusal.Error, refusal.Message!);
        }

        if (!_followers.TryGetValue(fetch.ReplicaId, out var follower))
        {
            return RefuseFetch(
                ErrorCode.UnknownLeaderEpoch,
                $"Broker {fetch.ReplicaId} is not among the replicas [{string.Join(", ", _replicas)}] of {TopicPartition} known in leader epoch {LeaderEpoch}.");
        }

        if (fetch.BrokerEpoch < follower.BrokerEpoch)
        {
            return RefuseFetch(
                ErrorCode.StaleBrokerEpoch,
                $"Broker {fetch.ReplicaId} has fetched {TopicPartition} with broker epoch {follower.BrokerEpoch}; {fetch.BrokerEpoch} is of an earlier life.");
        }

        if (fetch.LastFetchedEpoch >= 0 && FindDivergence(fetch, epochs) is { } diverging)
        {
            return diverging.EndOffset >= 0
                ? new FollowerFetchDecision(ErrorCode.None, null, diverging, ReplicaEffects.None)
                : RefuseFetch(
                    ErrorCode.OffsetOutOfRange,
                    $"{TopicPartition} has no records of epoch {fetch.LastFetchedEpoch} or before it on its leader; it starts at offset {LogStartOffset}.");
        }

        if (fetch.FetchOffset < LogStartOffset || fetch.FetchOffset > LogEndOffset)
        {
            return RefuseFetch(
                ErrorCode.OffsetOutOfRange,
                $"Broker {fetch.ReplicaId} wants offset {fetch.FetchOffset} of {TopicPartition}, which holds {LogStartOffset} to {LogEndOffset}.");
        }

        follower.OnFetch(fetch.BrokerEpoch, fetch.FlushedOffset, LogEndOffset, nowMs);
        var effects = Advance();
        return new FollowerFetchDecision(ErrorCode.None, null, null, effects with { IsrProposal = ProposeExpansion(follower) ?? ProposeWithoutElr() });
    }

    /// <summary>
    /// Whether acknowledgements wait for a replica, or will as soon as a change of the ISR that is under way is through: then nothing may hold
    /// back what it fetches.
    /// </summary>
    public bool IsInSync(int replicaId) => _isr.Contains(replicaId) || _pendingIsr?.Isr.Contains(replicaId) == true;

    /// <summary>A follower tells how far its log is on disk, beside its fetch. What does not fit the last fetch is passed over: the next one says it.</summary>
    /// <param name="flush">What it tells.</param>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    public ReplicaEffects OnFollowerFlushed(in ReplicaFlush flush, long nowMs)
    {
        // Only a log that was compared with this one in this leader epoch, by a fetch of the same registration.
        if (Role != ReplicaRole.Leader
            || flush.LeaderEpoch != LeaderEpoch
            || !_followers.TryGetValue(flush.ReplicaId, out var follower)
            || follower.BrokerEpoch < 0
            || flush.BrokerEpoch != follower.BrokerEpoch
            || flush.FlushedOffset <= follower.FlushedEndOffset
            || flush.FlushedOffset > LogEndOffset)
        {
            return ReplicaEffects.None;
        }

        follower.OnFlushed(flush.FlushedOffset, LogEndOffset, nowMs);
        var effects = Advance();
        return effects with { IsrProposal = ProposeExpansion(follower) ?? ProposeWithoutElr() };
    }

    /// <summary>Drops followers from the ISR that have lagged for too long.</summary>
    /// <returns>The proposal, or null when the ISR is fine or a change is under way.</returns>
    public IsrProposal? CheckIsr(long nowMs)
    {
        if (Role != ReplicaRole.Leader || _pendingIsr is not null)
        {
            return null;
        }

        var inSync = _isr.Where(id => id == BrokerId || !HasLagged(id, nowMs)).ToImmutableArray();
        return inSync.Length == _isr.Count ? ProposeWithoutElr() : Propose(inSync, _brokerEpochs);
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
        _elr = proposal.State.Elr;
        _brokerEpochs = proposal.State.BrokerEpochs;
        PartitionEpoch = partitionEpoch;
        return Advance();
    }

    /// <summary>
    /// The metadata store has refused the proposal: its state has another version. If an answer was lost on the way, that version may be
    /// the proposal itself.
    /// </summary>
    /// <param name="proposal">The proposal.</param>
    /// <param name="current">The state that the store has instead; null if there is none any more.</param>
    public ReplicaEffects OnIsrRefused(IsrProposal proposal, PartitionState? current)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        if (!ReferenceEquals(_pendingIsr, proposal))
        {
            return ReplicaEffects.None;
        }

        // Within one leader epoch only its leader changes the state. In a later epoch this replica is not the leader any more, or has yet
        // to hear that it is again. Whether the store had taken the proposal before that, nobody can tell: it goes on to count.
        if (current is null || current.LeaderAndIsr.LeaderEpoch != LeaderEpoch)
        {
            return ReplicaEffects.None;
        }

        _pendingIsr = null;
        _isr = current.LeaderAndIsr.Isr;
        _elr = current.LeaderAndIsr.Elr;
        _brokerEpochs = current.LeaderAndIsr.BrokerEpochs;
        PartitionEpoch = current.PartitionEpoch;
        return Advance();
    }

    private static FollowerFetchDecision RefuseFetch(ErrorCode error, string message) => new(error, message, null, ReplicaEffects.None);

    /// <summary>Where the follower's history leaves this one; null if it is a beginning of it. An end of -1: nothing in common is left.</summary>
    private EpochEnd? FindDivergence(in ReplicaFetch fetch, ILeaderEpochs epochs)
    {
        // The current epoch goes on to the log's end, even if nothing was appended in it yet.
        var (epoch, endOffset) = fetch.LastFetchedEpoch == LeaderEpoch ? (LeaderEpoch, LogEndOffset) : epochs.EndOffsetForEpoch(fetch.LastFetchedEpoch);
        return epoch < fetch.LastFetchedEpoch || endOffset < fetch.FetchOffset ? new EpochEnd(epoch, endOffset) : null;
    }

    private IsrProposal? ProposeExpansion(FollowerProgress follower)
    {
        // In sync is who has everything committed and at least the beginning of this leader's epoch (KAFKA-6361). One that was counted in
        // under an earlier registration is counted in anew: only then does the controller trust its present life.
        var isMember = _isr.Contains(follower.BrokerId) && _brokerEpochs.GetValueOrDefault(follower.BrokerId, follower.BrokerEpoch) == follower.BrokerEpoch;
        if (Role != ReplicaRole.Leader
            || _pendingIsr is not null
            || isMember
            || follower.FlushedEndOffset < HighWatermark
            || follower.FlushedEndOffset < _epochStartOffset)
        {
            return null;
        }

        var wished = _replicas.Where(id => id == follower.BrokerId || _isr.Contains(id)).ToImmutableArray();
        return Propose(wished, _brokerEpochs.SetItem(follower.BrokerId, follower.BrokerEpoch));
    }

    /// <summary>With enough replicas in sync, nobody needs to be promised leadership any more; the high watermark waits for that.</summary>
    private IsrProposal? ProposeWithoutElr()
        => Role == ReplicaRole.Leader && _pendingIsr is null && !_elr.IsEmpty && _isr.Count >= EffectiveMinInSync
            ? Propose([.. _isr], _brokerEpochs)
            : null;

    private IsrProposal Propose(ImmutableArray<int> isr, ImmutableSortedDictionary<int, long> brokerEpochs)
    {
        var before = new LeaderAndIsr(BrokerId, LeaderEpoch, [.. _isr], _controllerEpoch) { Elr = _elr, BrokerEpochs = brokerEpochs };
        return _pendingIsr = new IsrProposal(before.WithIsr(isr, EffectiveMinInSync), PartitionEpoch);
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
        if (_isr.Count < EffectiveMinInSync || !_elr.IsEmpty)
        {
            return false;
        }

        var committed = HeldByAll(_isr, HeldOffset);
        if (_pendingIsr is { } pending)
        {
            committed = HeldByAll(pending.Isr, committed);
        }

        if (committed <= HighWatermark)
        {
            return false;
        }

        HighWatermark = committed;
        return true;
    }

    /// <summary>Up to where every member holds the log; -1 if one is not known as a follower, as after a reassignment that the ISR has yet to follow.</summary>
    private long HeldByAll(IReadOnlyList<int> isr, long limit)
    {
        for (var i = 0; i < isr.Count; i++)
        {
            if (isr[i] != BrokerId)
            {
                limit = Math.Min(limit, _followers.TryGetValue(isr[i], out var follower) ? follower.FlushedEndOffset : -1);
            }
        }

        return limit;
    }

    private void CompleteAcks(List<AckOutcome> acks)
        => _pendingAcks.Complete(HeldOffset, HighWatermark, AllReplicasOutcome, acks);
}
