using System.Collections.Immutable;
using System.Globalization;
using OrleansStream.Core.Controller;
using OrleansStream.Core.Replicas;
using OrleansStream.Simulation.Tests.Brokers;
using OrleansStream.Simulation.Tests.Checking;
using OrleansStream.Simulation.Tests.Clients;
using OrleansStream.Simulation.Tests.Scheduling;
using OrleansStream.Simulation.Tests.Store;

namespace OrleansStream.Simulation.Tests;

/// <summary>Everything in one place, on one thread: what happens is determined by the seed.</summary>
internal sealed class SimCluster
{
    public const string Topic = "t";
    private const long SessionCheckMs = 15;

    private readonly List<string> _log = [];
    private readonly Scheduler _scheduler = new();
    private readonly SimOptions _options;

    public SimCluster(long seed, SimOptions options)
    {
        _options = options;
        Random = new SimRandom(seed);
        Network = new SimNetwork(_scheduler, Random) { LossOneIn = options.LossOneIn, LateOneIn = options.LateOneIn };
        Policy = ReplicationPolicy.Default with { MinInSyncReplicas = options.MinInSyncReplicas };
        ReplicaConfig = ReplicaConfig.Default with
        {
            MinInSyncReplicas = options.Flaws.HasFlag(Flaws.CommitBelowMinInSync) ? 1 : options.MinInSyncReplicas,
            ReplicaLagTimeMaxMs = 40,
        };
        Checker = new SimChecker(this, options.MinInSyncReplicas);
        Store = new SimStore(this);
        Brokers = [.. Enumerable.Range(1, options.Brokers).Select(id => new SimBroker(this, id))];
        Store.SetTopics([new TopicAssignment(Topic, Guid.Empty, [.. Enumerable.Range(0, options.Partitions).Select(Assign)])]);
        Partitions = [.. Enumerable.Range(0, options.Partitions).Select(p => new TopicPartition(Topic, p))];
        Producers = [.. Enumerable.Range(0, options.Producers).Select(i => new SimProducer(this, 100 + i, Partitions[i % Partitions.Length]))];
        Consumers = [.. Partitions.Select((partition, i) => new SimConsumer(this, 200 + i, partition))];
    }

    public Flaws Flaws => _options.Flaws;

    public bool RemovesLiving => _options.RemovesLiving;

    public SimRandom Random { get; }

    public SimNetwork Network { get; }

    public SimStore Store { get; }

    public SimChecker Checker { get; }

    public ReplicationPolicy Policy { get; }

    public ReplicaConfig ReplicaConfig { get; }

    public ImmutableArray<SimBroker> Brokers { get; }

    public ImmutableArray<TopicPartition> Partitions { get; }

    public ImmutableArray<SimProducer> Producers { get; }

    public ImmutableArray<SimConsumer> Consumers { get; }

    public long NowMs => _scheduler.NowMs;

    public long Steps => _scheduler.Steps;

    public string LogText => string.Join('\n', _log);

    public SimBroker BrokerOf(int id) => Brokers[id - 1];

    public PartitionState StateOf(TopicPartition partition) => Store.States[partition];

    /// <summary>Whom a client asks next: mostly the leader that the metadata name, sometimes anybody.</summary>
    public int GuessLeader(TopicPartition partition)
        => Store.States.TryGetValue(partition, out var state) && state.LeaderAndIsr.Leader > 0 && !Random.OneIn(4)
            ? state.LeaderAndIsr.Leader
            : Random.Between(1, Brokers.Length);

    public SimReplica? LeaderOf(TopicPartition partition)
        => Store.States.TryGetValue(partition, out var state) && state.LeaderAndIsr.Leader > 0
            && BrokerOf(state.LeaderAndIsr.Leader) is { IsUp: true } broker
            && broker.Replicas.TryGetValue(partition, out var replica) && replica.Machine.Role == ReplicaRole.Leader
            && replica.Machine.LeaderEpoch == state.LeaderAndIsr.LeaderEpoch
                ? replica
                : null;

    public void Log(Func<string> line)
    {
        if (_options.IsLogging)
        {
            _log.Add(string.Create(CultureInfo.InvariantCulture, $"{NowMs,6} {line()}"));
        }
    }

    /// <summary>Starts brokers and clients and waits until everything has a leader.</summary>
    public void Start()
    {
        foreach (var broker in Brokers)
        {
            broker.Start();
        }

        CheckSessions();
        foreach (var producer in Producers)
        {
            producer.Send();
        }

        foreach (var consumer in Consumers)
        {
            consumer.Read();
        }
    }

    /// <summary>Lets time pass; the invariants are checked after every step.</summary>
    public void Run(long durationMs)
    {
        var until = NowMs + durationMs;
        while (_scheduler.TryStep(until))
        {
            Checker.Check();
        }
    }

    /// <summary>Lets time pass until a condition holds.</summary>
    public void RunUntil(Func<bool> condition, string expected, long patienceMs = 3000)
    {
        var until = NowMs + patienceMs;
        while (!condition())
        {
            if (!_scheduler.TryStep(until))
            {
                throw new SimViolationException($"After {patienceMs} ms still not: {expected}. {Describe()}");
            }

            Checker.Check();
        }
    }

    public void After(long delayMs, Action action) => _scheduler.After(delayMs, action);

    public string Describe() => string.Join("; ", Partitions.Select(partition =>
        $"{partition}: {(Store.States.TryGetValue(partition, out var state) ? state.LeaderAndIsr.ToString() : "no state")}, committed {Checker.CommittedOf(partition).Count}, "
        + string.Join(", ", Brokers.Select(broker => !broker.IsUp ? $"{broker.Id} down" : broker.Replicas.TryGetValue(partition, out var replica)
            ? $"{broker.Id} {replica.Machine.Role} in {replica.Machine.LeaderEpoch} HW {replica.Machine.HighWatermark} flushed {replica.Log.FlushedOffset} end {replica.Log.EndOffset}"
            : $"{broker.Id} without"))));

    private ReplicaAssignment Assign(int partition)
        => new([.. Enumerable.Range(0, 3).Select(i => 1 + ((partition + i) % _options.Brokers))]);

    private void CheckSessions()
    {
        Store.ExpireSessions();
        _scheduler.After(SessionCheckMs, CheckSessions);
    }
}
