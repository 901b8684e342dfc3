using System.Collections.Immutable;
using OrleansStream.Core.Controller;

namespace OrleansStream.Core.Tests.Controller;

/// <summary>A controller with a metadata store in memory: it carries out each step as the shell does.</summary>
internal sealed class ControllerWorld
{
    private readonly Dictionary<TopicPartition, PartitionState> _store = [];
    private readonly Dictionary<int, LiveBroker> _brokers = [];
    private readonly Dictionary<string, TopicAssignment> _topics = [];
    private long _zxid;
    private int _epoch;

    public ControllerMachine Machine { get; private set; } = null!;

    /// <summary>What brokers were told since the last look, by broker.</summary>
    public Dictionary<int, List<BrokerInstruction>> Told { get; } = [];

    public List<string> RemovedTopics { get; } = [];

    public List<string> RefusedDeletions { get; } = [];

    public Dictionary<string, ReplicationPolicy> Policies { get; } = [];

    public HashSet<string> Marks { get; } = [];

    /// <summary>A leader, or another controller, writes between the machine's decision and its write.</summary>
    public Action? BeforeWrite { get; set; }

    public PartitionState this[string topic, int partition] => _store[new TopicPartition(topic, partition)];

    public string State(string topic, int partition)
    {
        var state = this[topic, partition].LeaderAndIsr;
        return $"leader {state.Leader} epoch {state.LeaderEpoch} isr {string.Join(",", state.Isr)}";
    }

    public void Elect(int controllerId = 1)
    {
        Machine = new ControllerMachine(controllerId, ++_epoch);
        _zxid++;
        Run(Machine.Load(new ClusterSnapshot([.. _brokers.Values], [.. _topics.Values], _store.ToDictionary(), [.. Marks], Policies, ReplicationPolicy.Default)));
    }

    public void Start(params int[] brokers)
    {
        foreach (var id in brokers)
        {
            _brokers[id] = new LiveBroker(new BrokerRegistration(id, [], "host", 30000, null), ++_zxid);
        }

        Announce();
    }

    /// <summary>A broker that was killed starts again: its logs are there, but it has not stopped in order.</summary>
    public void StartAfterKill(int id)
    {
        var since = ++_zxid;
        _brokers[id] = new LiveBroker(new BrokerRegistration(id, [], "host", 30000, null) { OrderlySince = since }, ++_zxid);
        Announce();
    }

    public void Kill(params int[] brokers)
    {
        foreach (var id in brokers)
        {
            _brokers.Remove(id);
        }

        Announce();
    }

    /// <summary>Changes brokers without telling the controller.</summary>
    public void Silently(Action change)
    {
        var machine = Machine;
        Machine = null!;
        change();
        Machine = machine;
    }

    public void Create(string topic, params int[][] partitions)
    {
        _zxid++;
        _topics[topic] = new TopicAssignment(topic, Guid.Empty, [.. partitions.Select(replicas => new ReplicaAssignment([.. replicas]))]);
        if (Machine is not null)
        {
            Run(Machine.OnTopicsChanged([.. _topics.Values]));
        }
    }

    /// <summary>A leader changes its ISR in the store.</summary>
    public void SetIsr(string topic, int partition, params int[] isr)
    {
        var key = new TopicPartition(topic, partition);
        var state = _store[key];
        _store[key] = new PartitionState(state.LeaderAndIsr with { Isr = [.. isr] }, state.PartitionEpoch + 1, ++_zxid);
    }

    public void Run(ControllerStep step)
    {
        while (!step.IsEmpty)
        {
            Tell(step);
            RefusedDeletions.AddRange(step.RefusedDeletions);
            if (!step.Writes.IsEmpty)
            {
                BeforeWrite?.Invoke();
                BeforeWrite = null;
                step = Machine.OnStatesWritten([.. step.Writes.Select(Write)]);
            }
            else if (!step.Rereads.IsEmpty)
            {
                step = Machine.OnStatesRead(step.Rereads.ToDictionary(p => p, p => _store.GetValueOrDefault(p)));
            }
            else if (!step.RemovedTopics.IsEmpty)
            {
                RemovedTopics.AddRange(step.RemovedTopics);
                foreach (var topic in step.RemovedTopics)
                {
                    _topics.Remove(topic);
                    Marks.Remove(topic);
                    foreach (var partition in _store.Keys.Where(p => p.Topic == topic).ToArray())
                    {
                        _store.Remove(partition);
                    }
                }

                step = Machine.OnTopicsRemoved(step.RemovedTopics);
            }
            else
            {
                break;
            }
        }
    }

    private void Announce()
    {
        if (Machine is not null)
        {
            Run(Machine.OnBrokersChanged([.. _brokers.Values]));
        }
    }

    private PartitionStateWriteResult Write(PartitionStateWrite write)
    {
        var current = _store.GetValueOrDefault(write.Partition);
        if (current?.PartitionEpoch != write.ExpectedEpoch || !_topics.ContainsKey(write.Partition.Topic))
        {
            return new PartitionStateWriteResult(write, null);
        }

        var written = new PartitionState(write.LeaderAndIsr, (write.ExpectedEpoch ?? -1) + 1, ++_zxid);
        _store[write.Partition] = written;
        return new PartitionStateWriteResult(write, written);
    }

    private void Tell(ControllerStep step)
    {
        foreach (var instruction in step.Instructions)
        {
            instruction.IsFarewell.ShouldBe(!_brokers.ContainsKey(instruction.BrokerId));
            if (!instruction.IsFarewell)
            {
                instruction.BrokerEpoch.ShouldBe(_brokers[instruction.BrokerId].BrokerEpoch);
            }

            instruction.ControllerEpoch.ShouldBe(_epoch);
            if (!Told.TryGetValue(instruction.BrokerId, out var told))
            {
                Told.Add(instruction.BrokerId, told = []);
            }

            told.Add(instruction);
        }
    }
}
