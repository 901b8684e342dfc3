using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <content>What brokers have yet to be told.</content>
public sealed partial class ControllerMachine
{
    private readonly SortedSet<int> _needsEverything = [];
    private readonly SortedSet<TopicPartition> _changedPartitions = [];
    private readonly HashSet<TopicPartition> _newPartitions = [];
    private readonly SortedSet<string> _changedTopics = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _deletedTopics = new(StringComparer.Ordinal);
    private readonly List<(int BrokerId, ReplicaStop Stop)> _stops = [];
    private readonly SortedDictionary<int, Farewell> _farewells = [];
    private bool _brokersChanged;

    private ImmutableArray<BrokerInstruction> Instruct()
    {
        var everything = _needsEverything.Count == 0
            ? null
            : new MetadataUpdate(true, [.. _brokers.Values], [.. _topics.Keys.Where(topic => !IsBeingDeleted(topic)).Select(MetadataOf)], []);
        var isChanged = _brokersChanged || _changedTopics.Count > 0 || _deletedTopics.Count > 0;
        var changes = isChanged
            ? new MetadataUpdate(false, [.. _brokers.Values], [.. _changedTopics.Where(IsServed).Select(MetadataOf)], [.. _deletedTopics.Where(topic => !IsServed(topic))])
            : null;

        var instructions = ImmutableArray.CreateBuilder<BrokerInstruction>();
        foreach (var broker in _brokers.Values)
        {
            var isNew = _needsEverything.Contains(broker.BrokerId);
            var partitions = isNew ? AllPartitions() : _changedPartitions;
            var instruction = new BrokerInstruction(
                broker.BrokerId,
                broker.BrokerEpoch,
                ControllerEpoch,
                [.. partitions.Where(partition => MayBeTold(broker.BrokerId, partition)).Select(InstructionOf)],
                isNew ? everything : changes,
                [.. _stops.Where(stop => stop.BrokerId == broker.BrokerId).Select(stop => stop.Stop)]);
            if (!instruction.LeaderAndIsr.IsEmpty || instruction.Metadata is not null || !instruction.StopReplicas.IsEmpty)
            {
                instructions.Add(instruction);
            }
        }

        foreach (var (brokerId, farewell) in _farewells)
        {
            instructions.Add(new BrokerInstruction(brokerId, farewell.BrokerEpoch, ControllerEpoch, [], changes, [.. farewell.Stops]) { IsFarewell = true });
        }

        _farewells.Clear();
        _needsEverything.Clear();
        _changedPartitions.Clear();
        _newPartitions.Clear();
        _changedTopics.Clear();
        _deletedTopics.Clear();
        _stops.Clear();
        _brokersChanged = false;
        return instructions.ToImmutable();
    }

    /// <summary>
    /// Whether a broker is told the state of a partition. One that has restarted must never lead again in the epoch that it led before:
    /// records that it had not flushed may be on followers, and their offsets must not be given twice in one epoch.
    /// </summary>
    private bool MayBeTold(int brokerId, TopicPartition partition)
        => IsServed(partition.Topic)
            && _states.TryGetValue(partition, out var state)
            && AssignmentOf(partition).Replicas.Contains(brokerId)
            && (state.LeaderAndIsr.Leader != brokerId || CountedIn(brokerId, state) == _brokers[brokerId].BrokerEpoch);

    /// <summary>
    /// Another leads what a broker led that is gone. If it still runs, it is the one that clients have to hear it from: it would take their records
    /// and acknowledge none. It must not follow either, not being registered, so its replica is closed.
    /// </summary>
    private void BidFarewell(TopicPartition partition, PartitionState before, LeaderAndIsr after)
    {
        var gone = before.LeaderAndIsr.Leader;
        if (gone == LeaderAndIsr.NoLeader || after.Leader == LeaderAndIsr.NoLeader || after.Leader == gone || _brokers.ContainsKey(gone))
        {
            return;
        }

        if (!_farewells.TryGetValue(gone, out var farewell))
        {
            _farewells.Add(gone, farewell = new Farewell(CountedIn(gone, before), []));
        }

        farewell.Stops.Add(new ReplicaStop(partition, after.LeaderEpoch, DeletePartition: false));
    }

    private bool IsServed(string topic) => _topics.ContainsKey(topic) && !IsBeingDeleted(topic);

    private TopicMetadataUpdate MetadataOf(string topic)
    {
        var assignment = _topics[topic];
        return new TopicMetadataUpdate(
            topic, assignment.TopicId, [.. assignment.TopicPartitions.Where(_states.ContainsKey).Select(InstructionOf)]);
    }

    private PartitionInstruction InstructionOf(TopicPartition partition)
    {
        var assignment = AssignmentOf(partition);
        return new PartitionInstruction(
            partition,
            _topics[partition.Topic].TopicId,
            assignment,
            _states[partition],
            [.. assignment.Replicas.Where(replica => !IsOnline(replica, partition))],
            _newPartitions.Contains(partition));
    }

    private sealed record Farewell(long BrokerEpoch, List<ReplicaStop> Stops);
}
