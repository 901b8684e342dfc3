using OrleansStream.Core.Controller;
using OrleansStream.Core.Replicas;
using OrleansStream.Simulation.Tests.Scheduling;

namespace OrleansStream.Simulation.Tests.Brokers;

/// <summary>A broker: its process around the machines of the product. Split by concern: this, Leading, Following.</summary>
internal sealed partial class SimBroker : SimNode
{
    private const long TickMs = 10;

    private readonly SimCluster _cluster;
    private ControllerFencing _fencing = new();
    private long _sessionId;
    private int _attempt;
    private bool _isRegistered;
    private bool _isElecting;
    private bool _isLooking;

    public SimBroker(SimCluster cluster, int id)
        : base(id)
    {
        _cluster = cluster;
        IsUp = false;
    }

    public SimDisk Disk { get; } = new();

    public Dictionary<TopicPartition, SimReplica> Replicas { get; } = [];

    /// <summary>The registration as this process knows it; -1 before the first.</summary>
    public long BrokerEpoch { get; private set; } = -1;

    /// <summary>This broker's time as controller, as far as it knows.</summary>
    public SimController? Term { get; private set; }

    /// <summary>Numbers the requests that this process sends as controller, in whatever time in office.</summary>
    public long LastRequestNumber { get; set; }

    /// <summary>How far this broker's clock is off; it may jump.</summary>
    public long ClockSkewMs { get; set; }

    /// <summary>A broker in controlled shutdown fetches no more, so that it does not come back into an ISR.</summary>
    public bool IsShuttingDown { get; set; }

    public void Start()
    {
        IsUp = true;
        Life++;
        PausedUntilMs = 0;
        BrokerEpoch = -1;
        IsShuttingDown = false;
        _sessionId = 0;
        _fencing = new ControllerFencing();
        Term = null;
        Replicas.Clear();
        BeginSession();
        Tick();
    }

    /// <summary>The time by this broker's clock.</summary>
    private long NowMs => _cluster.NowMs + ClockSkewMs;

    /// <summary>kill -9, or a power failure: what was not flushed is gone, or most of it.</summary>
    public void Crash()
    {
        IsUp = false;
        Term = null;
        Replicas.Clear();
        foreach (var log in Disk.Logs.Values)
        {
            log.Crash(_cluster.Random);
        }
    }

    /// <summary>An orderly stop: everything is flushed and the session closed.</summary>
    public void Stop()
    {
        foreach (var log in Disk.Logs.Values)
        {
            log.Flush(log.EndOffset);
        }

        _cluster.Store.End(_sessionId);
        Crash();
    }

    public void OnSessionExpired(long sessionId)
    {
        if (sessionId == _sessionId)
        {
            _sessionId = 0;
            Term = null;
            BeginSession();
        }
    }

    public void EndTerm(SimController term)
    {
        if (ReferenceEquals(Term, term))
        {
            Term = null;
        }
    }

    /// <summary>The controller's word.</summary>
    public void OnInstruction(BrokerInstruction instruction, long number, Action<ErrorCode> reply)
    {
        var isFenced = !_cluster.Flaws.HasFlag(Flaws.NoControllerFencing);
        var meant = _cluster.Flaws.HasFlag(Flaws.NoBrokerEpochs) ? BrokerEpoch : instruction.BrokerEpoch;
        if (isFenced && _fencing.Check(instruction.ControllerEpoch, meant, number, BrokerEpoch) is var error and not ErrorCode.None)
        {
            reply(error);
            return;
        }

        if (instruction.Metadata is { IsFull: true } metadata)
        {
            StopUnassigned(metadata);
        }

        foreach (var partition in instruction.LeaderAndIsr)
        {
            Apply(partition, isFenced ? instruction.ControllerEpoch : 0);
        }

        foreach (var stop in instruction.StopReplicas)
        {
            if (Replicas.TryGetValue(stop.Partition, out var replica) && replica.Machine.CheckStop(stop.LeaderEpoch).IsSuccess)
            {
                CarryOut(replica, replica.Machine.Stop());
                Replicas.Remove(stop.Partition);
                if (stop.DeletePartition)
                {
                    Disk.Logs.Remove(stop.Partition);
                }
                else
                {
                    replica.Log.Flush(replica.Log.EndOffset);
                }
            }
        }

        reply(ErrorCode.None);
    }

    /// <summary>Replicas that were reassigned while nobody could tell this broker.</summary>
    private void StopUnassigned(MetadataUpdate metadata)
    {
        var assigned = metadata.Topics.SelectMany(topic => topic.Partitions).Where(partition => partition.Assignment.Replicas.Contains(Id)).Select(partition => partition.Partition).ToHashSet();
        foreach (var replica in Replicas.Values.Where(replica => !assigned.Contains(replica.Partition)).ToArray())
        {
            CarryOut(replica, replica.Machine.Stop());
            replica.Log.Flush(replica.Log.EndOffset);
            Replicas.Remove(replica.Partition);
        }
    }

    private void Apply(PartitionInstruction instruction, int controllerEpoch)
    {
        if (!Replicas.TryGetValue(instruction.Partition, out var replica))
        {
            if (!Disk.Logs.TryGetValue(instruction.Partition, out var log))
            {
                Disk.Logs.Add(instruction.Partition, log = new SimLog());
            }

            Replicas.Add(instruction.Partition, replica = new SimReplica(instruction.Partition, Id, _cluster.ReplicaConfig, log));
        }

        var state = instruction.State.LeaderAndIsr;
        var word = new PartitionLeadership(
            controllerEpoch, state.Leader, state.LeaderEpoch, instruction.State.PartitionEpoch, instruction.Assignment.Replicas, state.Isr)
        {
            Elr = state.Elr,
            BrokerEpochs = state.BrokerEpochs,
        };
        var machine = replica.Machine;
        var before = (machine.Role, machine.LeaderEpoch);
        var transition = state.Leader == Id ? machine.BecomeLeader(word, NowMs) : machine.BecomeFollower(word, NowMs);
        _cluster.Log(() => $"broker {Id} {instruction.Partition} is told {state}: {transition.Error}");
        if (before != (machine.Role, machine.LeaderEpoch))
        {
            _cluster.Checker.OnRole(this, replica);
            if (machine.Role == ReplicaRole.Follower)
            {
                BeginFollowing(replica);
            }
        }

        CarryOut(replica, transition.Effects);
    }

    private void CarryOut(SimReplica replica, ReplicaEffects effects)
    {
        _cluster.Checker.Touch(this, replica);
        foreach (var (ticket, error) in effects.Acks)
        {
            if (replica.Acks.Remove(ticket, out var reply))
            {
                reply(error);
            }
        }

        if (effects.IsrProposal is { } proposal)
        {
            Propose(replica, proposal);
        }
    }

    private void Tick()
    {
        foreach (var replica in Replicas.Values)
        {
            CarryOut(replica, replica.Machine.ExpireAcks(NowMs));
            if (replica.Machine.CheckIsr(NowMs) is { } proposal)
            {
                Propose(replica, proposal);
            }
        }

        if (_isRegistered)
        {
            StayRegistered();
            StandOrGovern();
        }

        _cluster.Network.Post(this, TickMs, Tick);
    }

    /// <summary>Looks whether the others have removed this broker, and whether its office is gone.</summary>
    private void StayRegistered()
    {
        if (_isLooking || !_cluster.RemovesLiving)
        {
            return;
        }

        _isLooking = true;
        var (attempt, session) = (_attempt, _sessionId);
        _cluster.Store.Call(
            this,
            session,
            () => (Epoch: _cluster.Store.BrokerOf(Id)?.BrokerEpoch, _cluster.Store.ControllerId),
            found =>
            {
                _isLooking = false;
                if (attempt != _attempt)
                {
                    return;
                }

                if (found.ControllerId != Id)
                {
                    Term = null;
                }

                if (found.Epoch != BrokerEpoch && _isRegistered)
                {
                    _cluster.Log(() => $"broker {Id} finds its registration gone");
                    _isRegistered = false;
                    Register(attempt, session);
                }
            },
            () => _isLooking = false);
    }

    private void StandOrGovern()
    {
        if (Term is { } term)
        {
            term.Look();
            return;
        }

        if (_isElecting)
        {
            return;
        }

        _isElecting = true;
        var session = _sessionId;
        _cluster.Store.Call(
            this,
            session,
            () => _cluster.Store.Elect(session, Id),
            epoch =>
            {
                _isElecting = false;
                if (epoch is { } controllerEpoch && session == _sessionId && Term is null)
                {
                    _cluster.Log(() => $"broker {Id} is the controller of epoch {controllerEpoch}");
                    Term = new SimController(_cluster, this, session, controllerEpoch);
                    Term.Begin();
                }
            },
            () => _isElecting = false);
    }

    private void BeginSession()
    {
        var attempt = ++_attempt;
        _isRegistered = _isElecting = _isLooking = false;
        _cluster.Store.OpenSession(
            this,
            session =>
            {
                if (attempt == _attempt)
                {
                    _sessionId = session;
                    Register(attempt, session);
                }
            },
            () => _cluster.Network.Post(this, 15, () =>
            {
                if (attempt == _attempt)
                {
                    BeginSession();
                }
            }));
    }

    private void Register(int attempt, long sessionId)
    {
        if (attempt != _attempt)
        {
            return;
        }

        if (Disk.LogsSince is not { } logsSince)
        {
            // Written down before the registration: a broker that dies between the two has not lost what it never had.
            _cluster.Store.Call(
                this,
                sessionId,
                _cluster.Store.NextZxid,
                zxid =>
                {
                    // An answer that was given up for lost may come as well, and one for an earlier life.
                    if (attempt == _attempt)
                    {
                        Disk.LogsSince ??= zxid;
                        Register(attempt, sessionId);
                    }
                },
                () => _cluster.Network.Post(this, 15, () => Register(attempt, sessionId)));
            return;
        }

        var registration = new BrokerRegistration(Id, [], "host", 0, null) { LogsSince = _cluster.Flaws.HasFlag(Flaws.TrustLostDisks) ? 0 : logsSince };
        _cluster.Store.Call(
            this,
            sessionId,
            () => _cluster.Store.Register(sessionId, registration),
            epoch =>
            {
                if (attempt == _attempt && epoch is { } brokerEpoch)
                {
                    _isRegistered = true;
                    BrokerEpoch = brokerEpoch;
                    _cluster.Log(() => $"broker {Id} is registered with epoch {brokerEpoch}, logs since {logsSince}");
                }
                else
                {
                    // The session of this broker's last life has not expired yet.
                    _cluster.Network.Post(this, 20, () => Register(attempt, sessionId));
                }
            },
            () => _cluster.Network.Post(this, 15, () => Register(attempt, sessionId)));
    }
}
