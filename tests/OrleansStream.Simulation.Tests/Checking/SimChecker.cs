using OrleansStream.Core.Controller;
using OrleansStream.Core.Replicas;
using OrleansStream.Simulation.Tests.Brokers;

namespace OrleansStream.Simulation.Tests.Checking;

/// <summary>
/// Sees everything, and holds it against what must be true: at most one leader per epoch; the high watermark covers flushed records that
/// enough replicas hold; whoever may be elected holds everything committed; a leader's log begins with it; nothing committed changes,
/// comes twice, out of order or not at all; nothing else is acknowledged or read.
/// </summary>
internal sealed class SimChecker(SimCluster cluster, int minInSyncReplicas)
{
    private readonly Dictionary<TopicPartition, List<SimRecord>> _committed = [];
    private readonly Dictionary<TopicPartition, List<(int LeaderEpoch, int Start)>> _commitEpochs = [];
    private readonly Dictionary<(TopicPartition Partition, int LeaderEpoch), (int BrokerId, int Life)> _leaders = [];
    private readonly Dictionary<(TopicPartition Partition, long ProducerId), int> _lastSequences = [];
    private readonly List<(SimBroker Broker, SimReplica Replica)> _touched = [];

    /// <summary>How many times leadership was taken.</summary>
    public int Leaderships => _leaders.Count;

    public IReadOnlyList<SimRecord> CommittedOf(TopicPartition partition) => Committed(partition);

    /// <summary>The replica is looked at after this step.</summary>
    public void Touch(SimBroker broker, SimReplica replica) => _touched.Add((broker, replica));

    /// <summary>Looks at what the last step has touched.</summary>
    public void Check()
    {
        foreach (var (broker, replica) in _touched)
        {
            if (broker.Replicas.GetValueOrDefault(replica.Partition) == replica)
            {
                Check(broker, replica);
            }
        }

        _touched.Clear();
    }

    public void OnRole(SimBroker broker, SimReplica replica)
    {
        var machine = replica.Machine;
        if (machine.Role != ReplicaRole.Leader)
        {
            return;
        }

        if (!_leaders.TryAdd((replica.Partition, machine.LeaderEpoch), (broker.Id, broker.Life)))
        {
            var (id, life) = _leaders[(replica.Partition, machine.LeaderEpoch)];
            Demand(id == broker.Id && life == broker.Life, () => $"broker {broker.Id} (life {broker.Life}) and broker {id} (life {life}) led {replica.Partition} in epoch {machine.LeaderEpoch}");
        }

        // One that is told late, when others lead in a later epoch already, cannot have what they have committed, and commits nothing.
        var committed = Committed(replica.Partition);
        var before = committed[..CommittedBefore(replica.Partition, machine.LeaderEpoch)];
        Demand(BeginsWith(replica.Log, before, replica.Log.EndOffset), () => $"broker {broker.Id} leads {replica.Partition} in epoch {machine.LeaderEpoch} without all of the {before.Count} records that were committed in earlier epochs");
    }

    public void OnStateWritten(TopicPartition partition, PartitionState? before, PartitionState state)
    {
        cluster.Log(() => $"state of {partition}: {state.LeaderAndIsr}, version {state.PartitionEpoch}");
        Demand(
            before is null || state.LeaderAndIsr.LeaderEpoch > before.LeaderAndIsr.LeaderEpoch || state.LeaderAndIsr.Leader == before.LeaderAndIsr.Leader,
            () => $"{partition} got leader {state.LeaderAndIsr.Leader} after {before!.LeaderAndIsr.Leader} in the same epoch {state.LeaderAndIsr.LeaderEpoch}");
        CheckMembers(partition, state.LeaderAndIsr);
    }

    /// <summary>A controller has written a state.</summary>
    public void OnElected(TopicPartition partition, LeaderAndIsr state, ReplicaAssignment assignment)
        => Demand(
            state.Leader == LeaderAndIsr.NoLeader || assignment.Replicas.Contains(state.Leader),
            () => $"{partition} got leader {state.Leader}, which is not one of its replicas {assignment}");

    public void OnAcknowledged(TopicPartition partition, long producerId, int sequence, long offset)
    {
        var committed = Committed(partition);
        Demand(
            offset < committed.Count && committed[(int)offset].ProducerId == producerId && committed[(int)offset].Sequence == sequence,
            () => $"record {sequence} of producer {producerId} was acknowledged at offset {offset} of {partition}, where {(offset < committed.Count ? committed[(int)offset] : "nothing")} is committed");
    }

    public void OnRead(TopicPartition partition, List<SimRecord> records)
    {
        var committed = Committed(partition);
        Demand(
            records.Count <= committed.Count && (records.Count == 0 || records[^1] == committed[records.Count - 1]),
            () => $"a consumer has read {records.Count} records of {partition}, the last being {records[^1]}; {committed.Count} are committed");
    }

    /// <summary>What must be true once all faults are over.</summary>
    public void CheckEnd()
    {
        foreach (var partition in cluster.Partitions)
        {
            var committed = Committed(partition);
            var leader = cluster.LeaderOf(partition)!;
            Demand(BeginsWith(leader.Log, committed, leader.Log.EndOffset), () => $"{partition} has lost committed records");
            Demand(leader.Machine.HighWatermark == committed.Count, () => $"{partition} shows {leader.Machine.HighWatermark} records of {committed.Count}");
            foreach (var producer in cluster.Producers.Where(producer => producer.Partition == partition))
            {
                var records = committed.Where(record => record.ProducerId == producer.Id).Select(record => record.Sequence).ToArray();
                Demand(
                    records.AsSpan(0, Math.Min(records.Length, producer.Acknowledged)).SequenceEqual(Enumerable.Range(0, producer.Acknowledged).ToArray()),
                    () => $"of producer {producer.Id} {producer.Acknowledged} records were acknowledged, but {partition} has {string.Join(",", records)}");
            }
        }
    }

    private void Check(SimBroker broker, SimReplica replica)
    {
        var (machine, log) = (replica.Machine, replica.Log);
        var committed = Committed(replica.Partition);
        Demand(machine.LogEndOffset == log.EndOffset, () => $"broker {broker.Id}: the machine of {replica.Partition} ends at {machine.LogEndOffset}, its log at {log.EndOffset}");
        var (role, epoch, highWatermark) = replica.Checked;
        if (machine.Role == ReplicaRole.Leader)
        {
            Demand(machine.HighWatermark <= log.FlushedOffset, () => $"broker {broker.Id}: the high watermark {machine.HighWatermark} of {replica.Partition} is past what is flushed, {log.FlushedOffset}");
            Demand(
                role != ReplicaRole.Leader || epoch != machine.LeaderEpoch || machine.HighWatermark >= highWatermark,
                () => $"broker {broker.Id}: the high watermark of {replica.Partition} went back from {highWatermark} to {machine.HighWatermark}");
        }

        var looked = role == machine.Role && epoch == machine.LeaderEpoch && highWatermark <= machine.HighWatermark ? highWatermark : 0;
        for (var offset = looked; offset < machine.HighWatermark; offset++)
        {
            var record = log.Records[(int)offset];
            if (offset < committed.Count)
            {
                Demand(committed[(int)offset] == record, () => $"broker {broker.Id} shows {record} at offset {offset} of {replica.Partition}, where {committed[(int)offset]} is committed");
                continue;
            }

            Demand(machine.Role == ReplicaRole.Leader, () => $"follower {broker.Id} shows offset {offset} of {replica.Partition}, which is not committed");
            Commit(replica, record, offset);
        }

        if (looked < machine.HighWatermark && machine.Role == ReplicaRole.Leader && cluster.Store.States.TryGetValue(replica.Partition, out var state))
        {
            CheckMembers(replica.Partition, state.LeaderAndIsr);
        }

        replica.Checked = (machine.Role, machine.LeaderEpoch, machine.HighWatermark);
    }

    private void Commit(SimReplica leader, SimRecord record, long offset)
    {
        var partition = leader.Partition;
        var holders = cluster.Brokers.Count(broker => Holds(broker.Disk.Logs, partition, record, offset) || Holds(broker.Disk.LostLogs, partition, record, offset));
        Demand(holders >= minInSyncReplicas, () => $"offset {offset} of {partition} is committed, but {holders} replica(s) hold it; min.insync.replicas is {minInSyncReplicas}");
        var last = _lastSequences.GetValueOrDefault((partition, record.ProducerId), -1);
        Demand(record.Sequence == last + 1, () => $"{record} is committed at offset {offset} of {partition} after sequence {last} of its producer");
        _lastSequences[(partition, record.ProducerId)] = record.Sequence;
        var committed = Committed(partition);
        if (!_commitEpochs.TryGetValue(partition, out var epochs))
        {
            _commitEpochs.Add(partition, epochs = []);
        }

        if (epochs.Count == 0 || epochs[^1].LeaderEpoch != leader.Machine.LeaderEpoch)
        {
            epochs.Add((leader.Machine.LeaderEpoch, committed.Count));
        }

        committed.Add(record);
    }

    /// <summary>How many records leaders of epochs before another have committed.</summary>
    private int CommittedBefore(TopicPartition partition, int leaderEpoch)
    {
        foreach (var (epoch, start) in _commitEpochs.GetValueOrDefault(partition) ?? [])
        {
            if (epoch >= leaderEpoch)
            {
                return start;
            }
        }

        return Committed(partition).Count;
    }

    /// <summary>Whoever is in ISR or ELR, in the life in which it was counted in, may be elected: it must hold everything committed, on its disk.</summary>
    private void CheckMembers(TopicPartition partition, LeaderAndIsr state)
    {
        var committed = Committed(partition);
        foreach (var member in state.Isr.Concat(state.Elr))
        {
            var disk = cluster.BrokerOf(member).Disk;
            if (state.BrokerEpochs.TryGetValue(member, out var countedIn) && (disk.LogsSince is not { } since || since > countedIn))
            {
                continue;
            }

            Demand(
                committed.Count == 0 || (disk.Logs.TryGetValue(partition, out var log) && BeginsWith(log, committed, log.FlushedOffset)),
                () => $"broker {member} may be elected for {partition} ({state}), but its disk does not hold all of the {committed.Count} committed records");
        }
    }

    private static bool Holds(Dictionary<TopicPartition, SimLog> logs, TopicPartition partition, SimRecord record, long offset)
        => logs.TryGetValue(partition, out var log) && offset < log.FlushedOffset && log.Records[(int)offset] == record;

    private static bool BeginsWith(SimLog log, List<SimRecord> committed, long limit)
        => limit >= committed.Count
            && System.Runtime.InteropServices.CollectionsMarshal.AsSpan(log.Records)[..committed.Count].SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(committed));

    private List<SimRecord> Committed(TopicPartition partition)
    {
        if (!_committed.TryGetValue(partition, out var committed))
        {
            _committed.Add(partition, committed = []);
        }

        return committed;
    }

    private void Demand(bool condition, Func<string> what)
    {
        if (!condition)
        {
            throw new SimViolationException($"At {cluster.NowMs} ms: {what()}. {cluster.Describe()}");
        }
    }
}
