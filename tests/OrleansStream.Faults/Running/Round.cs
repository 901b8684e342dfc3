using OrleansStream.Client;
using OrleansStream.Faults.Checking;
using OrleansStream.Faults.Workload;

namespace OrleansStream.Faults.Running;

/// <summary>One topic with its producer and its group, from its creation to the last check.</summary>
internal sealed class Round : IAsyncDisposable
{
    private static readonly TimeSpan CatchUpPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(150);

    private readonly FaultCluster _cluster;
    private readonly RunLog _log;
    private readonly GroupAccount _account = new();
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly SteadyProducer _producer;

    private Round(FaultCluster cluster, OrleansStreamClient[] clients, string topic, FaultRunOptions options, RunLog log)
    {
        (_cluster, _log) = (cluster, log);
        History = new TopicHistory(topic, options.Partitions);
        var group = $"readers-of-{topic}";
        _producer = new SteadyProducer(clients[0], History, options.Rate, options.ValueBytes, log);
        _parts.Add(_producer);
        _parts.Add(new GroupMember("member 1", clients[1], group, History, _account, log));
        _parts.Add(new GroupMember("member 2", clients[2], group, History, _account, log));
        _parts.Add(new CommittedOffsetWatch(cluster.Admin, group, History, _account, log));
        _parts.AddRange(clients);
    }

    public TopicHistory History { get; }

    public static async Task<Round> StartAsync(FaultCluster cluster, string topic, FaultRunOptions options, RunLog log, CancellationToken cancellationToken)
    {
        await cluster.Admin.CreateTopicAsync(
            new TopicSpecification(topic, options.Partitions, (short)options.Brokers) { Configs = new Dictionary<string, string> { ["min.insync.replicas"] = "2" } },
            cancellationToken: cancellationToken);
        var clients = new List<OrleansStreamClient>();
        for (var i = 0; i < 3; i++)
        {
            clients.Add(await cluster.ConnectAsync(cluster.Brokers, cancellationToken, isPatient: true));
        }

        var round = new Round(cluster, [.. clients], topic, options, log);
        await round.RequireAcknowledgementsAsync(CatchUpPatience, cancellationToken);
        return round;
    }

    public void BeginWindow()
    {
        foreach (var partition in History.Partitions)
        {
            partition.BeginWindow();
        }
    }

    /// <summary>Waits until a record of each partition was acknowledged.</summary>
    public async Task RequireAcknowledgementsAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var before = History.Partitions.Select(partition => partition.AcknowledgedCount).ToArray();
        var silent = new List<int>();
        var all = await Pace.UntilAsync(
            _ =>
            {
                silent = [.. History.Partitions.Where(partition => partition.AcknowledgedCount == before[partition.Partition]).Select(partition => partition.Partition)];
                return Task.FromResult(silent.Count == 0);
            },
            patience,
            cancellationToken);
        if (!all)
        {
            _log.Violation($"nothing of partitions {string.Join(",", silent)} was acknowledged within {patience.TotalSeconds:F0} s, though the cluster is whole");
        }
    }

    /// <summary>Stops the load and holds everything against the history.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _producer.StopAsync().WaitAsync(FlushPatience, cancellationToken);
        }
        catch (TimeoutException)
        {
            _log.Violation($"the producer has not flushed within {FlushPatience.TotalSeconds:F0} s");
        }

        _log.Say($"{History.Topic}: {History.AcknowledgedCount} records are acknowledged, {History.FailedCount} failed; waiting for the group");
        if (!await Pace.UntilAsync(_ => Task.FromResult(History.UnconsumedCount == 0), CatchUpPatience, cancellationToken))
        {
            foreach (var partition in History.Partitions.Where(partition => partition.UnconsumedCount > 0))
            {
                _log.Violation($"the group has not read {partition.UnconsumedCount} acknowledged records of partition {partition.Partition}, the first is number {partition.FirstUnconsumed()}");
            }
        }

        _log.Say($"the group has read on, with {_account.Assignments} assignments of partitions and {_account.Commits} commits");
        await DisposeAsync();
        await new ReplicaReader(_cluster, History, _log).CheckAsync(cancellationToken);
        await _cluster.Admin.DeleteTopicAsync(History.Topic, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _parts)
        {
            await part.DisposeAsync();
        }

        _parts.Clear();
    }
}
