using System.Collections.Immutable;
using OrleansStream.Core.Controller;
using OrleansStream.Simulation.Tests.Brokers;
using OrleansStream.Simulation.Tests.Scheduling;

namespace OrleansStream.Simulation.Tests.Store;

/// <summary>The metadata store: linearizable, with sessions that expire, versions and transactions. Changes are seen by asking.</summary>
internal sealed class SimStore(SimCluster cluster) : SimNode(StoreId)
{
    public const int StoreId = 0;
    public const long SessionTimeoutMs = 60;
    private const long RequestTimeoutMs = 40;

    private readonly Dictionary<long, SimSession> _sessions = [];
    private readonly SortedDictionary<int, (LiveBroker Broker, long Session)> _brokers = [];
    private readonly SortedDictionary<TopicPartition, PartitionState> _states = [];
    private readonly List<TopicPartition> _isrChanges = [];
    private (int BrokerId, long Session)? _controller;
    private int _controllerEpoch;
    private long _zxid;
    private long _requests;
    private int _brokersVersion;
    private int _topicsVersion;

    public IReadOnlyDictionary<TopicPartition, PartitionState> States => _states;

    public ImmutableArray<TopicAssignment> Topics { get; private set; } = [];

    public int? ControllerId => _controller?.BrokerId;

    public bool IsRegistered(int brokerId) => _brokers.ContainsKey(brokerId);

    public LiveBroker? BrokerOf(int brokerId) => _brokers.TryGetValue(brokerId, out var entry) ? entry.Broker : null;

    public void SetTopics(ImmutableArray<TopicAssignment> topics)
    {
        _topicsVersion++;
        Topics = [.. topics.Select(topic => topic with { Version = _topicsVersion })];
    }

    /// <summary>Sends a request in a broker's session. Either outcome is told at most once; a lost request may still take effect.</summary>
    public void Call<T>(SimBroker broker, long sessionId, Func<T> operation, Action<T> onAnswer, Action onLost)
    {
        var isSettled = false;
        bool Settle() => !isSettled && (isSettled = true);
        var number = ++_requests;
        cluster.Network.Send(broker, this, () =>
        {
            // Within a session requests take effect in the order in which they were sent, or not at all.
            var isAlive = _sessions.TryGetValue(sessionId, out var session);
            if (session is not null && number < session.LastRequest)
            {
                return;
            }

            if (session is not null)
            {
                session.LastRequest = number;
            }

            var answer = isAlive ? operation() : default;
            cluster.Network.Send(this, broker, () =>
            {
                if (!Settle())
                {
                    return;
                }

                if (isAlive)
                {
                    onAnswer(answer!);
                }
                else
                {
                    broker.OnSessionExpired(sessionId);
                }
            });
        });
        cluster.Network.Post(broker, RequestTimeoutMs, () =>
        {
            if (Settle())
            {
                onLost();
            }
        });
    }

    /// <summary>Opens a session; asked for without one.</summary>
    public void OpenSession(SimBroker broker, Action<long> onOpen, Action onLost)
    {
        var life = broker.Life;
        var isSettled = false;
        bool Settle() => !isSettled && (isSettled = true);
        cluster.Network.Call<long>(
            broker,
            this,
            reply =>
            {
                var session = new SimSession(++_zxid, broker, life) { LastSeenMs = cluster.NowMs };
                _sessions.Add(session.Id, session);
                reply(session.Id);
            },
            id =>
            {
                if (Settle())
                {
                    onOpen(id);
                }
            });
        cluster.Network.Post(broker, RequestTimeoutMs, () =>
        {
            if (Settle())
            {
                onLost();
            }
        });
    }

    /// <summary>Ends the sessions that were not heard of for too long.</summary>
    public void ExpireSessions()
    {
        foreach (var session in _sessions.Values.ToArray())
        {
            var broker = session.Broker;
            if (broker.IsUp && broker.Life == session.Life && broker.PausedUntilMs <= cluster.NowMs && !cluster.Network.IsCut(broker.Id, Id))
            {
                session.LastSeenMs = cluster.NowMs;
            }
            else if (cluster.NowMs - session.LastSeenMs > SessionTimeoutMs)
            {
                End(session.Id);
            }
        }
    }

    public void End(long sessionId)
    {
        _sessions.Remove(sessionId);
        foreach (var gone in _brokers.Where(entry => entry.Value.Session == sessionId).Select(entry => entry.Key).ToArray())
        {
            _brokers.Remove(gone);
            _brokersVersion++;
        }

        if (_controller?.Session == sessionId)
        {
            _controller = null;
        }
    }

    public long NextZxid() => ++_zxid;

    /// <returns>The broker epoch; null while another session holds the id.</returns>
    public long? Register(long sessionId, BrokerRegistration registration)
    {
        if (_brokers.TryGetValue(registration.BrokerId, out var known))
        {
            return known.Session == sessionId ? known.Broker.BrokerEpoch : null;
        }

        var broker = new LiveBroker(registration, ++_zxid);
        _brokers.Add(broker.BrokerId, (broker, sessionId));
        _brokersVersion++;
        return broker.BrokerEpoch;
    }

    /// <returns>The controller epoch if this session has the office now; null otherwise.</returns>
    public int? Elect(long sessionId, int brokerId)
    {
        if (_controller is { } controller)
        {
            return controller.Session == sessionId ? _controllerEpoch : null;
        }

        _zxid++;
        _controller = (brokerId, sessionId);
        return ++_controllerEpoch;
    }

    /// <summary>Others have taken a broker for dead: its registration goes, and its office if it has it, though its session lives.</summary>
    public void Remove(int brokerId)
    {
        _zxid++;
        if (_brokers.Remove(brokerId))
        {
            _brokersVersion++;
        }

        if (_controller?.BrokerId == brokerId)
        {
            _controller = null;
        }
    }

    public void Resign(long sessionId)
    {
        if (_controller?.Session == sessionId)
        {
            _controller = null;
        }
    }

    public (ClusterSnapshot Snapshot, StoreVersions Versions) Read()
        => (new ClusterSnapshot(
                [.. _brokers.Values.Select(entry => entry.Broker)],
                Topics,
                _states.ToDictionary(),
                [],
                ImmutableDictionary<string, ReplicationPolicy>.Empty,
                cluster.Policy),
            new StoreVersions(_brokersVersion, _topicsVersion, _isrChanges.Count));

    public StoreNews ReadNews(StoreVersions since)
        => new(
            since.Brokers == _brokersVersion ? null : [.. _brokers.Values.Select(entry => entry.Broker)],
            since.Topics == _topicsVersion ? null : Topics,
            ReadStates(_isrChanges.Skip(since.IsrChanges).Distinct()),
            new StoreVersions(_brokersVersion, _topicsVersion, _isrChanges.Count));

    public Dictionary<TopicPartition, PartitionState?> ReadStates(IEnumerable<TopicPartition> partitions)
        => partitions.ToDictionary(partition => partition, partition => _states.GetValueOrDefault(partition));

    /// <returns>Null if another controller was elected.</returns>
    public PartitionStateWriteResult[]? WriteStates(int controllerEpoch, IReadOnlyList<PartitionStateWrite> writes)
    {
        // The flaw of a controller that trusts to be the only one: neither its epoch nor the state's version is a condition.
        var isUnconditional = cluster.Flaws.HasFlag(Flaws.NoControllerFencing);
        var takesOldTopics = isUnconditional || cluster.Flaws.HasFlag(Flaws.StaleAssignments);
        if (controllerEpoch != _controllerEpoch && !isUnconditional)
        {
            return null;
        }

        _zxid++;
        return [.. writes.Select(write =>
        {
            var current = _states.GetValueOrDefault(write.Partition);
            var topic = Topics.Single(topic => topic.Topic == write.Partition.Topic);
            if ((current?.PartitionEpoch != write.ExpectedEpoch && !isUnconditional) || (topic.Version != write.TopicVersion && !takesOldTopics))
            {
                return new PartitionStateWriteResult(write, null);
            }

            cluster.Checker.OnElected(write.Partition, write.LeaderAndIsr, topic.Partitions[write.Partition.Partition]);
            return new PartitionStateWriteResult(write, Set(write.Partition, write.LeaderAndIsr, current));
        })];
    }

    /// <returns>The state as it is now, and whether it was written.</returns>
    public (bool IsWritten, PartitionState? Current) TryUpdateIsr(TopicPartition partition, LeaderAndIsr state, int expectedEpoch)
    {
        var current = _states.GetValueOrDefault(partition);
        if (current?.PartitionEpoch != expectedEpoch)
        {
            return (false, current);
        }

        _zxid++;
        _isrChanges.Add(partition);
        return (true, Set(partition, state, current));
    }

    public bool FinishReassignments(int controllerEpoch, IReadOnlyList<FinishedReassignment> finished)
    {
        if (controllerEpoch != _controllerEpoch)
        {
            return false;
        }

        var carriedOut = finished.ToDictionary(entry => entry.Partition, entry => entry.Assignment);
        SetTopics([.. Topics.Select(topic => topic with
        {
            Partitions = [.. topic.Partitions.Select((replicas, i) => carriedOut.GetValueOrDefault(new TopicPartition(topic.Topic, i)) == replicas
                ? new ReplicaAssignment(replicas.TargetReplicas)
                : replicas)],
        })]);
        return true;
    }

    private PartitionState Set(TopicPartition partition, LeaderAndIsr state, PartitionState? before)
    {
        var written = new PartitionState(state, before is null ? 0 : before.PartitionEpoch + 1, _zxid);
        _states[partition] = written;
        cluster.Checker.OnStateWritten(partition, before, written);
        return written;
    }
}

/// <summary>A process's session.</summary>
internal sealed class SimSession(long id, SimBroker broker, int life)
{
    public long Id { get; } = id;

    public SimBroker Broker { get; } = broker;

    public int Life { get; } = life;

    public long LastSeenMs { get; set; }

    public long LastRequest { get; set; }
}

/// <summary>How far somebody has read.</summary>
internal readonly record struct StoreVersions(int Brokers, int Topics, int IsrChanges);

/// <summary>What has changed since; null for what has not.</summary>
internal sealed record StoreNews(
    LiveBroker[]? Brokers, ImmutableArray<TopicAssignment>? Topics, Dictionary<TopicPartition, PartitionState?> States, StoreVersions Versions);
