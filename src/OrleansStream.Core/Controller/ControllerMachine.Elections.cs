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

    private PartitionStateWrite? HandOver(TopicPartition partition, ReplicaAssignment assignment, PartitionState state, int brokerId)
    {
        var current = state.LeaderAndIsr;
        var rest = current.Isr.RemoveAll(_shuttingDown.Contains);
        if (current.Leader == brokerId)
        {
            var live = assignment.Replicas.Where(replica => IsOnline(replica, partition)).ToHashSet();
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
        var (current, live) = (state.LeaderAndIsr, replicas.Where(replica => IsOnline(replica, partition) && !_shuttingDown.Contains(replica)).ToHashSet());
        if (kind == LeaderElectionKind.Preferred)
        {
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

        return PartitionLeaderElection.Offline(replicas, current.Isr, live, uncleanAllowed: true) is { } leader
            ? (Outcome.Success, Write(partition, state, leader, IsrUnder(leader, current.Isr, live)))
            : (Outcome.Failure(ErrorCode.EligibleLeadersNotAvailable, $"No replica of {partition} is alive."), null);
    }

    /// <summary>What a partition's state must become, given the brokers that are alive; null if it can stay.</summary>
    private PartitionStateWrite? Decide(TopicPartition partition)
    {
        var replicas = AssignmentOf(partition).Replicas;
        if (!_states.TryGetValue(partition, out var state))
        {
            ImmutableArray<int> isr = [.. replicas.Where(replica => IsElectable(replica, partition))];
            return isr.IsEmpty
                ? null
                : new PartitionStateWrite(partition, new LeaderAndIsr(isr[0], LeaderAndIsr.InitialLeaderEpoch, isr, ControllerEpoch), null);
        }

        // Those that have served without a break since the state was written, and so hold what the ISR says they hold.
        var current = state.LeaderAndIsr;
        var unbroken = replicas.Where(replica => IsOnline(replica, partition) && _brokers[replica].BrokerEpoch < state.Zxid).ToHashSet();
        if (unbroken.Contains(current.Leader))
        {
            var isr = current.Isr.RemoveAll(replica => !unbroken.Contains(replica));
            return isr.Length == current.Isr.Length ? null : Write(partition, state, current.Leader, isr);
        }

        var electable = replicas.Where(replica => IsElectable(replica, partition)).ToHashSet();
        var steady = unbroken.Where(electable.Contains).ToHashSet();
        if (PartitionLeaderElection.Offline(replicas, current.Isr, steady, uncleanAllowed: false) is { } survivor)
        {
            return Write(partition, state, survivor, IsrUnder(survivor, current.Isr, steady));
        }

        if (PartitionLeaderElection.Offline(replicas, current.Isr, electable, _uncleanTopics.Contains(partition.Topic)) is { } leader)
        {
            return Write(partition, state, leader, IsrUnder(leader, current.Isr, electable));
        }

        // Nobody can lead. The ISR stays: its members are those that may lead when they come back.
        return current.Leader == LeaderAndIsr.NoLeader ? null : Write(partition, state, LeaderAndIsr.NoLeader, current.Isr);
    }

    private static ImmutableArray<int> IsrUnder(int leader, ImmutableArray<int> isr, HashSet<int> live)
        => isr.Contains(leader) ? isr.RemoveAll(replica => !live.Contains(replica)) : [leader];

    private bool IsElectable(int brokerId, TopicPartition partition) => IsOnline(brokerId, partition) && !_shuttingDown.Contains(brokerId);

    private PartitionStateWrite Write(TopicPartition partition, PartitionState state, int leader, ImmutableArray<int> isr)
        => new(partition, state.LeaderAndIsr.Next(leader, isr, ControllerEpoch), state.PartitionEpoch);
}
