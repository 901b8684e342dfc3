using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <content>Leaders and ISRs.</content>
public sealed partial class ControllerMachine
{
    /// <summary>Elects leaders on request (KIP-183, KIP-460).</summary>
    /// <param name="kind">Which replica is to lead.</param>
    /// <param name="partitions">The partitions; null means all, of which those that need no election are left out.</param>
    /// <returns>The step, and an outcome for each partition; where a write follows, it is what the outcome will be if the write succeeds.</returns>
    public (ControllerStep Step, ImmutableSortedDictionary<TopicPartition, Outcome> Outcomes) ElectLeaders(
        LeaderElectionKind kind, IReadOnlyCollection<TopicPartition>? partitions)
    {
        var outcomes = ImmutableSortedDictionary.CreateBuilder<TopicPartition, Outcome>();
        var writes = ImmutableArray.CreateBuilder<PartitionStateWrite>();
        foreach (var partition in partitions?.Distinct().Order() ?? AllPartitions())
        {
            var (outcome, write) = Elect(kind, partition);
            if (partitions is not null || outcome.Error != ErrorCode.ElectionNotNeeded)
            {
                outcomes[partition] = outcome;
            }

            if (write is not null)
            {
                writes.Add(write);
            }
        }

        return (ControllerStep.Nothing with { Writes = writes.ToImmutable() }, outcomes.ToImmutable());
    }

    /// <summary>What has become of requested elections once their writes are over, of which some may have been refused.</summary>
    /// <param name="kind">Which replica was to lead.</param>
    /// <param name="promised">The outcomes that <see cref="ElectLeaders"/> gave.</param>
    /// <returns>The outcomes, with <see cref="ErrorCode.InvalidUpdateVersion"/> for a partition whose state somebody else has changed in between.</returns>
    public ImmutableSortedDictionary<TopicPartition, Outcome> ConfirmElections(
        LeaderElectionKind kind, ImmutableSortedDictionary<TopicPartition, Outcome> promised)
        => promised.ToImmutableSortedDictionary(
            outcome => outcome.Key,
            outcome => !outcome.Value.IsSuccess || Elect(kind, outcome.Key).Outcome.Error == ErrorCode.ElectionNotNeeded
                ? outcome.Value
                : Outcome.Failure(
                    ErrorCode.InvalidUpdateVersion, $"The state of {outcome.Key} changed while its leader was being elected; ask again."));

    /// <summary>
    /// Moves leadership back to preferred replicas, of the brokers of whose preferred partitions too many are led by others. Partitions that
    /// are being reassigned stay as they are.
    /// </summary>
    /// <param name="percentage">The share of a broker's preferred partitions that others may lead (<c>leader.imbalance.per.broker.percentage</c>).</param>
    public ControllerStep BalanceLeaders(int percentage)
    {
        var writes = ImmutableArray.CreateBuilder<PartitionStateWrite>();
        foreach (var preferred in AllPartitions()
            .Where(partition => !IsBeingDeleted(partition.Topic) && _states.ContainsKey(partition))
            .GroupBy(partition => AssignmentOf(partition).Replicas[0])
            .Where(group => _brokers.ContainsKey(group.Key)))
        {
            var elsewhere = preferred.Where(partition => _states[partition].LeaderAndIsr.Leader != preferred.Key).ToArray();
            if (elsewhere.Length * 100L <= (long)percentage * preferred.Count())
            {
                continue;
            }

            writes.AddRange(elsewhere
                .Where(partition => !AssignmentOf(partition).IsBeingReassigned)
                .Select(partition => Elect(LeaderElectionKind.Preferred, partition).Write)
                .OfType<PartitionStateWrite>());
        }

        return ControllerStep.Nothing with { Writes = writes.ToImmutable() };
    }

    /// <summary>
    /// A broker is about to stop: its leaderships go to others and it leaves the ISRs. Afterwards <see cref="PartitionsLedBy"/> says what
    /// could not be handed over; the broker asks again until nothing but partitions without other replicas is left.
    /// </summary>
    /// <returns>The step, or <see cref="ErrorCode.BrokerNotAvailable"/> or <see cref="ErrorCode.StaleBrokerEpoch"/>.</returns>
    public Outcome<ControllerStep> ShutDownBroker(int brokerId, long brokerEpoch)
    {
        if (!_brokers.TryGetValue(brokerId, out var broker))
        {
            return Outcome.Failure(ErrorCode.BrokerNotAvailable, $"Broker {brokerId} is not alive.");
        }

        if (brokerEpoch < broker.BrokerEpoch)
        {
            return Outcome.Failure(ErrorCode.StaleBrokerEpoch, $"Broker {brokerId} is registered with epoch {broker.BrokerEpoch}; the request is of epoch {brokerEpoch}.");
        }

        _shuttingDown.Add(brokerId);
        var writes = ImmutableArray.CreateBuilder<PartitionStateWrite>();
        foreach (var partition in AllPartitions())
        {
            var assignment = AssignmentOf(partition);
            if (assignment.Replicas.Length > 1 && assignment.Replicas.Contains(brokerId) && !IsBeingDeleted(partition.Topic)
                && _states.TryGetValue(partition, out var state) && HandOver(partition, assignment, state, brokerId) is { } write)
            {
                writes.Add(write);
            }
        }

        return Outcome.Of(ControllerStep.Nothing with { Writes = writes.ToImmutable() });
    }

    /// <summary>
    /// The partitions that a broker still leads although others could: another of their replicas is alive and does not stop itself. Only for
    /// these is it worth waiting.
    /// </summary>
    public ImmutableArray<TopicPartition> PartitionsToHandOver(int brokerId)
        => [.. PartitionsLedBy(brokerId).Where(partition => IsKnown(partition)
            && AssignmentOf(partition).Replicas.Any(replica => replica != brokerId && IsElectable(replica, partition)))];

    private PartitionStateWrite? HandOver(TopicPartition partition, ReplicaAssignment assignment, PartitionState state, int brokerId)
    {
        var current = state.LeaderAndIsr;
        var rest = current.Isr.RemoveAll(_shuttingDown.Contains);
        if (current.Leader == brokerId)
        {
            var live = assignment.Replicas.Where(replica => IsUnbroken(replica, partition, state)).ToHashSet();
            return PartitionLeaderElection.ControlledShutdown(assignment.Replicas, current.Isr, live, _shuttingDown) is { } leader
                ? Write(partition, state, leader, rest)
                : null;
        }

        return current.Isr.Contains(brokerId) && rest.Contains(current.Leader) ? Write(partition, state, current.Leader, rest) : null;
    }

    private (Outcome Outcome, PartitionStateWrite? Write) Elect(LeaderElectionKind kind, TopicPartition partition)
    {
        if (!IsKnown(partition) || IsBeingDeleted(partition.Topic) || !_states.TryGetValue(partition, out var state))
        {
            return (Outcome.Failure(ErrorCode.UnknownTopicOrPartition, $"The partition {partition} does not exist."), null);
        }

        var replicas = AssignmentOf(partition).Replicas;
        var current = state.LeaderAndIsr;
        if (kind == LeaderElectionKind.Preferred)
        {
            var live = replicas.Where(replica => IsUnbroken(replica, partition, state) && !_shuttingDown.Contains(replica)).ToHashSet();
            return current.Leader == replicas[0]
                ? (Outcome.Failure(ErrorCode.ElectionNotNeeded, $"The preferred replica already leads {partition}."), null)
                : PartitionLeaderElection.Preferred(replicas, current.Isr, live) is { } preferred
                    ? (Outcome.Success, Write(partition, state, preferred, current.Isr))
                    : (Outcome.Failure(ErrorCode.PreferredLeaderNotAvailable, $"The preferred replica {replicas[0]} of {partition} is not alive and in sync."), null);
        }

        if (current.Leader != LeaderAndIsr.NoLeader && IsOnline(current.Leader, partition))
        {
            return (Outcome.Failure(ErrorCode.ElectionNotNeeded, $"{partition} has the live leader {current.Leader}."), null);
        }

        return ElectFromAll(partition, state, uncleanAllowed: true) is { } write
            ? (Outcome.Success, write)
            : (Outcome.Failure(ErrorCode.EligibleLeadersNotAvailable, $"No replica of {partition} is alive."), null);
    }

    /// <summary>What a partition's state must become, given the brokers that are alive; null if it can stay.</summary>
    private PartitionStateWrite? Decide(TopicPartition partition)
    {
        var assignment = AssignmentOf(partition);
        var replicas = assignment.Replicas;
        if (!_states.TryGetValue(partition, out var state))
        {
            ImmutableArray<int> isr = [.. replicas.Where(replica => IsElectable(replica, partition))];
            return isr.IsEmpty
                ? null
                : new PartitionStateWrite(
                    partition,
                    new LeaderAndIsr(isr[0], LeaderAndIsr.InitialLeaderEpoch, isr, ControllerEpoch)
                    {
                        BrokerEpochs = isr.ToImmutableSortedDictionary(replica => replica, replica => _brokers[replica].BrokerEpoch),
                    },
                    null)
                {
                    TopicVersion = _topics[partition.Topic].Version,
                };
        }

        var current = state.LeaderAndIsr;
        if (!IsUnbroken(current.Leader, partition, state) || !replicas.Contains(current.Leader))
        {
            // Nobody can lead: the ISR stays, since its members are those that may lead when they come back. Not those without their logs.
            return ElectFromAll(partition, state, PolicyOf(partition.Topic).IsUncleanElectionAllowed)
                ?? (current.Leader == LeaderAndIsr.NoLeader && !HasLost(partition, state) && !_reassigned.ContainsKey(partition)
                    ? null
                    : Write(partition, state, LeaderAndIsr.NoLeader, current.Isr.RemoveAll(replica => !HoldsLog(replica, partition, state))));
        }

        var inSync = current.Isr.RemoveAll(replica => !replicas.Contains(replica) || !IsUnbroken(replica, partition, state));
        if (inSync.Length != current.Isr.Length || HasLost(partition, state) || _reassigned.ContainsKey(partition))
        {
            return Write(partition, state, current.Leader, inSync);
        }

        return assignment.IsBeingReassigned && assignment.TargetReplicas.All(inSync.Contains) ? Reassign(partition, assignment, state) : null;
    }

    /// <summary>
    /// All new replicas are in sync: one of them leads, then the old ones are taken out of the assignment. Only after that, and after a
    /// leader epoch in which no leader knows them any more, are they stopped (<see cref="StopReassigned"/>).
    /// </summary>
    private PartitionStateWrite? Reassign(TopicPartition partition, ReplicaAssignment assignment, PartitionState state)
    {
        var current = state.LeaderAndIsr;
        var target = assignment.TargetReplicas;
        if (!target.Contains(current.Leader))
        {
            var live = target.Where(replica => IsElectable(replica, partition)).ToHashSet();
            return PartitionLeaderElection.Reassignment(target, current.Isr, live) is { } leader ? Write(partition, state, leader, current.Isr) : null;
        }

        _finishedReassignments.Add(new FinishedReassignment(partition, assignment));
        return null;
    }

    /// <summary>
    /// A leader for a partition whose own is gone, the safest first: one in sync that has served without a break, one in sync that came
    /// back with its logs, one that is eligible (KIP-966), and any, if that is allowed.
    /// </summary>
    private PartitionStateWrite? ElectFromAll(TopicPartition partition, PartitionState state, bool uncleanAllowed)
    {
        var replicas = AssignmentOf(partition).Replicas;
        var current = state.LeaderAndIsr;
        var electable = replicas.Where(replica => IsElectable(replica, partition)).ToHashSet();
        var sure = electable.Where(replica => HoldsLog(replica, partition, state)).ToHashSet();
        var steady = sure.Where(replica => IsUnbroken(replica, partition, state)).ToHashSet();
        if (PartitionLeaderElection.Offline(replicas, current.Isr, steady, uncleanAllowed: false) is { } survivor)
        {
            return Write(partition, state, survivor, [.. current.Isr.Where(steady.Contains)]);
        }

        if (PartitionLeaderElection.Offline(replicas, current.Isr, sure, uncleanAllowed: false) is { } returned)
        {
            return Write(partition, state, returned, [.. current.Isr.Where(sure.Contains)]);
        }

        if (PartitionLeaderElection.Offline(replicas, current.Elr, sure, uncleanAllowed: false) is { } eligible)
        {
            return Write(partition, state, eligible, [eligible]);
        }

        if (LastKnown(partition, state, electable) is { } last)
        {
            return Write(partition, state with { LeaderAndIsr = current with { Isr = [], Elr = [] } }, last, [last]);
        }

        // What the others hold does not count any more once somebody leads who may lack some of it.
        return uncleanAllowed && PartitionLeaderElection.Offline(replicas, [], electable, uncleanAllowed: true) is { } leader
            ? Write(partition, state with { LeaderAndIsr = current with { Isr = [], Elr = [] } }, leader, [leader])
            : null;
    }

    /// <summary>
    /// A member of ISR or ELR that was killed with records that were not flushed, when that has happened to all of them: waiting brings nothing
    /// back. Only for topics that acknowledge before they flush; what is lost is what they have agreed to lose.
    /// </summary>
    private int? LastKnown(TopicPartition partition, PartitionState state, HashSet<int> electable)
    {
        var members = state.LeaderAndIsr.Isr.Union(state.LeaderAndIsr.Elr).ToImmutableArray();
        if (PolicyOf(partition.Topic).IsFlushedBeforeAck || members.Any(member => HoldsLog(member, partition, state)))
        {
            return null;
        }

        var kept = electable.Where(replica => members.Contains(replica) && _brokers[replica].LogsSince <= CountedIn(replica, state)).ToHashSet();
        return PartitionLeaderElection.Offline(AssignmentOf(partition).Replicas, members, kept, uncleanAllowed: false);
    }

    private bool IsElectable(int brokerId, TopicPartition partition) => IsOnline(brokerId, partition) && !_shuttingDown.Contains(brokerId);

    /// <summary>Whether a broker has been alive without a break since it was counted in.</summary>
    private bool IsUnbroken(int brokerId, TopicPartition partition, PartitionState state)
        => IsOnline(brokerId, partition) && _brokers[brokerId].BrokerEpoch == CountedIn(brokerId, state);

    /// <summary>Whether a broker still has, as far as is known, what it was counted in with. One that is not alive is given the benefit of the doubt.</summary>
    private bool HoldsLog(int brokerId, TopicPartition partition, PartitionState state)
        => !_brokers.TryGetValue(brokerId, out var broker)
            || (PolicyOf(partition.Topic).IsFlushedBeforeAck ? broker.LogsSince : broker.OrderlySince) <= CountedIn(brokerId, state);

    private bool HasLost(TopicPartition partition, PartitionState state)
        => state.LeaderAndIsr.Isr.Concat(state.LeaderAndIsr.Elr).Any(replica => !HoldsLog(replica, partition, state));

    /// <summary>The registration under which a broker was counted into ISR or ELR. If the state does not say: the one before the state was written.</summary>
    private long CountedIn(int brokerId, PartitionState state)
        => state.LeaderAndIsr.BrokerEpochs.TryGetValue(brokerId, out var epoch)
            ? epoch
            : _brokers.TryGetValue(brokerId, out var broker) && broker.BrokerEpoch < state.Zxid ? broker.BrokerEpoch : state.Zxid - 1;

    private PartitionStateWrite Write(TopicPartition partition, PartitionState state, int leader, ImmutableArray<int> isr)
    {
        var replicas = AssignmentOf(partition).Replicas;
        var next = state.LeaderAndIsr.WithIsr(isr, Math.Min(PolicyOf(partition.Topic).MinInSyncReplicas, replicas.Length)).Next(leader, ControllerEpoch);
        next = next with { Elr = next.Elr.RemoveAll(replica => !replicas.Contains(replica) || !HoldsLog(replica, partition, state)) };

        // Who serves from now on does so in its present life; of the others the life counts that they were in.
        var epochs = next.Isr.Concat(next.Elr).ToImmutableSortedDictionary(
            replica => replica,
            replica => next.Isr.Contains(replica) && leader != LeaderAndIsr.NoLeader && _brokers.TryGetValue(replica, out var broker)
                ? broker.BrokerEpoch
                : CountedIn(replica, state));
        return new PartitionStateWrite(partition, next with { BrokerEpochs = epochs }, state.PartitionEpoch) { TopicVersion = _topics[partition.Topic].Version };
    }

    private ReplicationPolicy PolicyOf(string topic) => _policies.GetValueOrDefault(topic, _defaultPolicy);
}
