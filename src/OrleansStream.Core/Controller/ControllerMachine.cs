using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>
/// The controller's decisions: who leads each partition, who is in sync, which replicas go, and what each broker must be told.
/// </summary>
/// <remarks>
/// <para>A machine serves one election of its broker; the next one starts with a new machine and <see cref="Load"/>. The shell
/// calls one member at a time and carries each <see cref="ControllerStep"/> out before the next call; states count once the metadata
/// store has them, so instructions that depend on writes come with the step that answers them.</para>
/// <para>A broker that has registered anew since it was counted into an ISR has restarted, or its session has ended. It is then treated as
/// one that failed and came back: it leaves the ISR if a replica that did not restart can lead, and leads in a new epoch if it is the one.
/// A broker that came back without its logs is not what was counted in, and loses its place in ISR and ELR (KIP-966).</para>
/// </remarks>
public sealed partial class ControllerMachine
{
    private readonly SortedDictionary<int, LiveBroker> _brokers = [];
    private readonly HashSet<int> _shuttingDown = [];
    private readonly HashSet<(int BrokerId, TopicPartition Partition)> _offlineReplicas = [];
    private readonly SortedDictionary<string, TopicAssignment> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<TopicPartition, PartitionState> _states = [];
    private readonly Dictionary<string, ReplicationPolicy> _policies = new(StringComparer.Ordinal);
    private readonly Dictionary<TopicPartition, SortedSet<int>> _reassigned = [];
    private readonly List<FinishedReassignment> _finishedReassignments = [];
    private ReplicationPolicy _defaultPolicy = ReplicationPolicy.Default;

    /// <summary>Makes the machine of a broker that was just elected.</summary>
    /// <param name="controllerId">The broker.</param>
    /// <param name="controllerEpoch">The epoch of the election.</param>
    public ControllerMachine(int controllerId, int controllerEpoch)
    {
        ControllerId = controllerId;
        ControllerEpoch = controllerEpoch;
    }

    /// <summary>The controller's broker id.</summary>
    public int ControllerId { get; }

    /// <summary>The epoch of the election.</summary>
    public int ControllerEpoch { get; }

    /// <summary>The brokers that are alive, in order of their id.</summary>
    public IEnumerable<LiveBroker> Brokers => _brokers.Values;

    /// <summary>The topics that exist, those under deletion included, in order of their name.</summary>
    public IEnumerable<TopicAssignment> Topics => _topics.Values;

    /// <summary>The brokers that can take replicas now.</summary>
    public ImmutableArray<BrokerRack> AssignableBrokers
        => [.. _brokers.Values.Where(broker => !_shuttingDown.Contains(broker.BrokerId)).Select(broker => new BrokerRack(broker.BrokerId, broker.Registration.Rack))];

    /// <summary>Whether a topic is known, one under deletion included.</summary>
    public bool HasTopic(string topic) => _topics.ContainsKey(topic);

    /// <summary>A partition's state; null if it has none yet.</summary>
    public PartitionState? StateOf(TopicPartition partition) => _states.GetValueOrDefault(partition);

    /// <summary>The partitions that a broker leads, in order.</summary>
    public ImmutableArray<TopicPartition> PartitionsLedBy(int brokerId)
        => [.. _states.Where(entry => entry.Value.LeaderAndIsr.Leader == brokerId && !IsBeingDeleted(entry.Key.Topic)).Select(entry => entry.Key).Order()];

    /// <summary>Starts from what the metadata store holds.</summary>
    public ControllerStep Load(ClusterSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        foreach (var broker in snapshot.Brokers)
        {
            _brokers.Add(broker.BrokerId, broker);
            _needsEverything.Add(broker.BrokerId);
        }

        foreach (var topic in snapshot.Topics)
        {
            _topics.Add(topic.Topic, topic);
        }

        foreach (var (partition, state) in snapshot.States.Where(entry => _topics.ContainsKey(entry.Key.Topic)))
        {
            _states.Add(partition, state);
        }

        SetPolicies(snapshot.Policies, snapshot.DefaultPolicy);
        foreach (var topic in snapshot.TopicsToDelete.Where(_topics.ContainsKey))
        {
            BeginDeletion(topic);
        }

        return Next(AllPartitions(), refusedDeletions: [.. snapshot.TopicsToDelete.Where(topic => !_topics.ContainsKey(topic))]);
    }

    /// <summary>Brokers came, went or restarted.</summary>
    /// <param name="brokers">The brokers that are alive now.</param>
    public ControllerStep OnBrokersChanged(IReadOnlyCollection<LiveBroker> brokers)
    {
        ArgumentNullException.ThrowIfNull(brokers);
        var now = brokers.ToDictionary(broker => broker.BrokerId);
        var changed = new HashSet<int>();
        foreach (var gone in _brokers.Keys.Where(id => !now.ContainsKey(id)).ToArray())
        {
            _brokers.Remove(gone);
            _needsEverything.Remove(gone);
            ForgetOutages(gone);
            changed.Add(gone);
        }

        foreach (var broker in now.Values)
        {
            var known = _brokers.GetValueOrDefault(broker.BrokerId);
            if (known == broker)
            {
                continue;
            }

            _brokers[broker.BrokerId] = broker;
            changed.Add(broker.BrokerId);
            if (known?.BrokerEpoch != broker.BrokerEpoch)
            {
                _farewells.Remove(broker.BrokerId);
                _needsEverything.Add(broker.BrokerId);
                ForgetOutages(broker.BrokerId);
                ResumeDeletions(broker.BrokerId);
            }
        }

        if (changed.Count == 0)
        {
            return ControllerStep.Nothing;
        }

        _brokersChanged = true;
        var affected = AllPartitions().Where(partition => AssignmentOf(partition).Replicas.Any(changed.Contains)).ToArray();
        _changedTopics.UnionWith(affected.Select(partition => partition.Topic));
        return Next(affected);
    }

    /// <summary>A broker's logs of some partitions are offline, until it restarts.</summary>
    public ControllerStep OnReplicasOffline(int brokerId, IReadOnlyCollection<TopicPartition> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        var known = partitions.Where(IsKnown).Order().ToArray();
        foreach (var partition in known)
        {
            _offlineReplicas.Add((brokerId, partition));
            _changedTopics.Add(partition.Topic);
        }

        return Next(known);
    }

    /// <summary>The configurations of topics, or the defaults, have changed.</summary>
    /// <param name="policies">The topics with a policy of their own.</param>
    /// <param name="defaultPolicy">That of all others.</param>
    public ControllerStep OnPoliciesChanged(IReadOnlyDictionary<string, ReplicationPolicy> policies, ReplicationPolicy defaultPolicy)
    {
        ArgumentNullException.ThrowIfNull(policies);
        ArgumentNullException.ThrowIfNull(defaultPolicy);
        var before = _topics.Keys.ToDictionary(topic => topic, PolicyOf, StringComparer.Ordinal);
        SetPolicies(policies, defaultPolicy);
        return Next(AllPartitions().Where(partition => PolicyOf(partition.Topic) != before[partition.Topic]));
    }

    /// <summary>The metadata store has taken or refused the writes of the last step.</summary>
    public ControllerStep OnStatesWritten(IReadOnlyCollection<PartitionStateWriteResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var rereads = ImmutableArray.CreateBuilder<TopicPartition>();
        foreach (var (write, written) in results)
        {
            if (written is null)
            {
                rereads.Add(write.Partition);
                continue;
            }

            Replay(write.Partition, written);
            StopReassigned(write.Partition, written.LeaderAndIsr);
            if (write.ExpectedEpoch is null)
            {
                _newPartitions.Add(write.Partition);
            }
        }

        // A reassignment goes on with its next write.
        var next = Next(results.Where(result => result.Written is not null && IsKnown(result.Write.Partition))
            .Select(result => result.Write.Partition).Where(partition => AssignmentOf(partition).IsBeingReassigned));
        return next with { Rereads = rereads.ToImmutable() };
    }

    /// <summary>States that somebody else has written: a leader that changed its ISR, or one that stood in the way of a write.</summary>
    /// <param name="states">The states as read; null where there is none.</param>
    public ControllerStep OnStatesRead(IReadOnlyDictionary<TopicPartition, PartitionState?> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        foreach (var (partition, state) in states.Where(entry => IsKnown(entry.Key)))
        {
            if (state is null)
            {
                _states.Remove(partition);
            }
            else if (_states.GetValueOrDefault(partition) is not { } known || state.Zxid > known.Zxid)
            {
                // Unless it was read before this controller's own last write.
                Replay(partition, state);
            }
        }

        return Next(states.Keys.Where(IsKnown).Order());
    }

    /// <summary>The one place where a partition's state changes.</summary>
    private void Replay(TopicPartition partition, PartitionState state)
    {
        if (_states.TryGetValue(partition, out var before))
        {
            BidFarewell(partition, before, state.LeaderAndIsr);
        }

        _states[partition] = state;
        _changedPartitions.Add(partition);
        _changedTopics.Add(partition.Topic);
    }

    /// <summary>Decides on partitions; without anything to write, brokers are told at once.</summary>
    private ControllerStep Next(IEnumerable<TopicPartition> partitions, ImmutableArray<string>? refusedDeletions = null, ImmutableArray<string>? removedTopics = null)
    {
        _finishedReassignments.Clear();
        var writes = partitions.Where(partition => !IsBeingDeleted(partition.Topic)).Select(Decide).OfType<PartitionStateWrite>().ToImmutableArray();
        return new ControllerStep(writes, [], removedTopics ?? [], refusedDeletions ?? [], writes.IsEmpty ? Instruct() : [])
        {
            FinishedReassignments = [.. _finishedReassignments],
        };
    }

    private void SetPolicies(IReadOnlyDictionary<string, ReplicationPolicy> policies, ReplicationPolicy defaultPolicy)
    {
        _defaultPolicy = defaultPolicy;
        _policies.Clear();
        foreach (var (topic, policy) in policies)
        {
            _policies.Add(topic, policy);
        }
    }

    private IEnumerable<TopicPartition> AllPartitions() => _topics.Values.SelectMany(topic => topic.TopicPartitions);

    private bool IsKnown(TopicPartition partition)
        => _topics.TryGetValue(partition.Topic, out var topic) && (uint)partition.Partition < (uint)topic.Partitions.Length;

    private ReplicaAssignment AssignmentOf(TopicPartition partition) => _topics[partition.Topic].Partitions[partition.Partition];

    private bool IsOnline(int brokerId, TopicPartition partition)
        => _brokers.ContainsKey(brokerId) && !_offlineReplicas.Contains((brokerId, partition));

    private void ForgetOutages(int brokerId)
    {
        _shuttingDown.Remove(brokerId);
        _offlineReplicas.RemoveWhere(replica => replica.BrokerId == brokerId);
    }
}
