using System.Collections.Immutable;
using OrleansStream.Core.Producers;

namespace OrleansStream.Core.Replicas;

/// <summary>
/// The machine of one replica of one partition: who leads, how far the log is written, flushed and committed, and
/// what may be appended and read.
/// </summary>
/// <remarks>
/// <para>The grain asks <see cref="DecideProduce"/>, appends to the log, and tells <see cref="OnAppended"/>, all in one
/// synchronous step; flushes arrive through <see cref="OnLocalFlush"/>. Commands return what the grain has to carry out.</para>
/// <para>Invariants: the high watermark never goes back within an epoch of leadership, never passes what a member of the
/// largest possible ISR holds (the committed one and, while a change is under way, the wished one), and stands still while
/// fewer than <c>min.insync.replicas</c> are in sync, as far as the topic has so many replicas, or while there are eligible leader
/// replicas (KIP-966): those were promised to hold everything committed. The last stable offset equals the high watermark, since
/// transactions are refused.</para>
/// </remarks>
public sealed partial class PartitionReplica
{
    private readonly SortedDictionary<int, FollowerProgress> _followers = [];
    private readonly PendingAcks _pendingAcks = new();
    private int _controllerEpoch = -1;
    private IReadOnlyList<int> _replicas = [];
    private IReadOnlyList<int> _isr = [];
    private ImmutableArray<int> _elr = [];
    private ImmutableSortedDictionary<int, long> _brokerEpochs = ImmutableSortedDictionary<int, long>.Empty;
    private IsrProposal? _pendingIsr;
    private long _epochStartOffset;
    private int _copiedInEpoch = -1;

    /// <summary>Makes a replica that nobody has assigned yet.</summary>
    /// <param name="topicPartition">The partition.</param>
    /// <param name="brokerId">The broker that holds this replica.</param>
    /// <param name="config">The topic's configuration.</param>
    /// <param name="producers">The producer state, rebuilt up to <paramref name="logEndOffset"/>.</param>
    /// <param name="logStartOffset">The log's first offset.</param>
    /// <param name="logEndOffset">The log's end, all of it on stable storage.</param>
    public PartitionReplica(
        TopicPartition topicPartition,
        int brokerId,
        ReplicaConfig config,
        ProducerStateTable producers,
        long logStartOffset,
        long logEndOffset)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(producers);
        ArgumentOutOfRangeException.ThrowIfNegative(logStartOffset);
        ArgumentOutOfRangeException.ThrowIfLessThan(logEndOffset, logStartOffset);
        TopicPartition = topicPartition;
        BrokerId = brokerId;
        Config = config;
        Producers = producers;
        LogStartOffset = logStartOffset;
        LogEndOffset = logEndOffset;
        FlushedOffset = logEndOffset;
        HighWatermark = logStartOffset;
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>The broker that holds this replica.</summary>
    public int BrokerId { get; }

    /// <summary>The topic's configuration.</summary>
    public ReplicaConfig Config { get; private set; }

    /// <summary>What is known of idempotent producers.</summary>
    public ProducerStateTable Producers { get; }

    /// <summary>What the replica is at the moment.</summary>
    public ReplicaRole Role { get; private set; }

    /// <summary>Why the replica is offline; null if it is not.</summary>
    public string? OfflineReason { get; private set; }

    /// <summary>The leader's broker id, -1 if unknown.</summary>
    public int Leader { get; private set; } = -1;

    /// <summary>The leader epoch, -1 before the controller's first word.</summary>
    public int LeaderEpoch { get; private set; } = -1;

    /// <summary>The version of the partition's state in the metadata store.</summary>
    public int PartitionEpoch { get; private set; } = -1;

    /// <summary>The committed ISR.</summary>
    public IReadOnlyList<int> Isr => _isr;

    /// <summary>The eligible leader replicas: not in sync, but sure to hold everything below the high watermark (KIP-966).</summary>
    public IReadOnlyList<int> Elr => _elr;

    /// <summary>The replicas, preferred leader first.</summary>
    public IReadOnlyList<int> Replicas => _replicas;

    /// <summary>The first offset that can be read.</summary>
    public long LogStartOffset { get; private set; }

    /// <summary>The offset that the next record gets.</summary>
    public long LogEndOffset { get; private set; }

    /// <summary>The first offset that is not on this replica's stable storage.</summary>
    public long FlushedOffset { get; private set; }

    /// <summary>The first offset that is not committed: what lies below, clients may read.</summary>
    public long HighWatermark { get; private set; }

    /// <summary>The first offset that a read_committed reader may not see.</summary>
    public long LastStableOffset => HighWatermark;

    /// <summary>The number of produces that wait for durability.</summary>
    public int PendingAckCount => _pendingAcks.Count;

    /// <summary>Makes this replica the leader of an epoch.</summary>
    public ReplicaTransition BecomeLeader(PartitionLeadership state, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Leader != BrokerId)
        {
            throw new InvalidOperationException($"{TopicPartition} is to be led by broker {state.Leader}, not by {BrokerId}.");
        }

        if (Refusal(state, nowMs) is { } refusal)
        {
            return refusal;
        }

        var acks = new List<AckOutcome>();
        var isNewEpoch = state.LeaderEpoch > LeaderEpoch || Role != ReplicaRole.Leader;
        if (isNewEpoch)
        {
            // If this replica led before, what it has appended stays in the log, so its produces go on waiting.
            _followers.Clear();
            _epochStartOffset = LogEndOffset;
        }

        Adopt(state);
        Role = ReplicaRole.Leader;
        KeepFollowers(nowMs);

        var advanced = AdvanceHighWatermark();
        CompleteAcks(acks);
        return new ReplicaTransition(ErrorCode.None, null, new ReplicaEffects(advanced, acks, ProposeWithoutElr()));
    }

    /// <summary>Makes this replica a follower; what waits for an acknowledgement is refused, since another leads now.</summary>
    public ReplicaTransition BecomeFollower(PartitionLeadership state, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Leader == BrokerId)
        {
            throw new InvalidOperationException($"{TopicPartition} is to be led by broker {BrokerId} itself.");
        }

        if (Refusal(state, nowMs) is { } refusal)
        {
            return refusal;
        }

        var acks = new List<AckOutcome>();
        _pendingAcks.FailAll(ErrorCode.NotLeaderOrFollower, acks);
        _followers.Clear();
        Adopt(state);
        Role = ReplicaRole.Follower;
        return new ReplicaTransition(ErrorCode.None, null, new ReplicaEffects(false, acks, null));
    }

    /// <summary>Takes the replica out of service for good after a disk error.</summary>
    /// <param name="reason">Names the partition, the file and the cause.</param>
    public ReplicaEffects GoOffline(string reason)
    {
        if (Role == ReplicaRole.Offline)
        {
            return ReplicaEffects.None;
        }

        Role = ReplicaRole.Offline;
        OfflineReason = reason;
        var acks = new List<AckOutcome>();
        _pendingAcks.FailAll(ErrorCode.KafkaStorageError, acks);
        return new ReplicaEffects(false, acks, null);
    }

    /// <summary>Whether a request to stop this replica is of the present: a late one must not delete a replica that was assigned again.</summary>
    /// <param name="leaderEpoch">The leader epoch as of the decision; negative for a topic that is being deleted.</param>
    public Outcome CheckStop(int leaderEpoch)
        => leaderEpoch >= 0 && leaderEpoch < LeaderEpoch
            ? Outcome.Failure(ErrorCode.FencedLeaderEpoch, $"{TopicPartition} was to be stopped as of leader epoch {leaderEpoch}; it is in epoch {LeaderEpoch}.")
            : Outcome.Success;

    /// <summary>Ends the replica's role (StopReplica, or the broker's stop): what still waits is refused.</summary>
    public ReplicaEffects Stop()
    {
        var acks = new List<AckOutcome>();
        _pendingAcks.FailAll(ErrorCode.NotLeaderOrFollower, acks);
        if (Role != ReplicaRole.Offline)
        {
            Role = ReplicaRole.Unassigned;
            Leader = -1;
        }

        return new ReplicaEffects(false, acks, null);
    }

    /// <summary>Changes the topic's configuration.</summary>
    public ReplicaEffects SetConfig(ReplicaConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        return Advance() with { IsrProposal = ProposeWithoutElr() };
    }

    /// <summary>The controller's word is old, or repeats what is known.</summary>
    private ReplicaTransition? Refusal(PartitionLeadership state, long nowMs)
    {
        if (Role == ReplicaRole.Offline)
        {
            return new ReplicaTransition(ErrorCode.KafkaStorageError, OfflineReason, ReplicaEffects.None);
        }

        if (state.ControllerEpoch < _controllerEpoch)
        {
            return new ReplicaTransition(
                ErrorCode.StaleControllerEpoch,
                $"Controller epoch {state.ControllerEpoch} is old: {TopicPartition} has heard of epoch {_controllerEpoch}.",
                ReplicaEffects.None);
        }

        if (state.LeaderEpoch < LeaderEpoch)
        {
            return new ReplicaTransition(
                ErrorCode.FencedLeaderEpoch,
                $"Leader epoch {state.LeaderEpoch} is old: {TopicPartition} is in epoch {LeaderEpoch}.",
                ReplicaEffects.None);
        }

        if (!state.Replicas.Contains(BrokerId))
        {
            return new ReplicaTransition(
                ErrorCode.UnknownTopicOrPartition,
                $"Broker {BrokerId} is not among the replicas [{string.Join(", ", state.Replicas)}] of {TopicPartition}.",
                ReplicaEffects.None);
        }

        if (state.LeaderEpoch == LeaderEpoch && state.Leader != Leader)
        {
            throw new InvalidOperationException(
                $"{TopicPartition} got two leaders, {Leader} and {state.Leader}, for leader epoch {LeaderEpoch}.");
        }

        if (state.LeaderEpoch > LeaderEpoch || state.PartitionEpoch > PartitionEpoch)
        {
            return null;
        }

        // Nothing new of leader and ISR. The replicas may be others none the less: a reassignment begins without a new epoch.
        if (state.PartitionEpoch == PartitionEpoch)
        {
            _controllerEpoch = state.ControllerEpoch;
            _replicas = state.Replicas;
            KeepFollowers(nowMs);
        }

        return new ReplicaTransition(ErrorCode.None, null, ReplicaEffects.None);
    }

    /// <summary>A leader knows of each other replica, and of no other broker.</summary>
    private void KeepFollowers(long nowMs)
    {
        if (Role != ReplicaRole.Leader)
        {
            return;
        }

        foreach (var gone in _followers.Keys.Where(id => !_replicas.Contains(id)).ToArray())
        {
            _followers.Remove(gone);
        }

        foreach (var replica in _replicas)
        {
            if (replica != BrokerId && !_followers.ContainsKey(replica))
            {
                _followers.Add(replica, new FollowerProgress(replica, nowMs));
            }
        }
    }

    private void Adopt(PartitionLeadership state)
    {
        _controllerEpoch = state.ControllerEpoch;
        Leader = state.Leader;
        LeaderEpoch = state.LeaderEpoch;
        PartitionEpoch = state.PartitionEpoch;
        _replicas = state.Replicas;
        _isr = state.Isr;
        _elr = state.Elr;
        _brokerEpochs = state.BrokerEpochs;
        _pendingIsr = null;
    }
}
