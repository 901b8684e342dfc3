using OrleansStream.Client;
using OrleansStream.Faults.Checking;
using OrleansStream.Faults.Clients;
using OrleansStream.Faults.Workload;

namespace OrleansStream.Faults.Running;

/// <summary>The topics of one round, each with its client's producer and group, from their creation to the last check.</summary>
internal sealed class Round : IAsyncDisposable
{
    private static readonly TimeSpan CatchUpPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(150);

    private readonly FaultCluster _cluster;
    private readonly RunLog _log;
    private readonly List<IWorkload> _workloads = [];

    private Round(FaultCluster cluster, RunLog log) => (_cluster, _log) = (cluster, log);

    /// <summary>Everybody's work, the native client's first.</summary>
    public IReadOnlyList<IWorkload> Workloads => _workloads;

    /// <summary>The native client's topic.</summary>
    public string Topic => _workloads[0].History.Topic;

    public static async Task<Round> StartAsync(FaultCluster cluster, string topic, FaultRunOptions options, RunLog log, CancellationToken cancellationToken)
    {
        var round = new Round(cluster, log);
        try
        {
            await round.CreateTopicAsync(topic, options, cancellationToken);
            round._workloads.Add(await NativeWorkload.StartAsync(cluster, topic, options, log, cancellationToken));
            foreach (var client in KafkaClient.All.Where(client => options.With.Contains(client.Name)))
            {
                await round.CreateTopicAsync($"{topic}-{client.Name}", options, cancellationToken);
                round._workloads.Add(new ClientWorkload(client, cluster, $"{topic}-{client.Name}", options, log));
            }

            await round.RequireAcknowledgementsAsync(CatchUpPatience, cancellationToken);
            return round;
        }
        catch
        {
            await round.DisposeAsync();
            throw;
        }
    }

    public void BeginWindow()
    {
        foreach (var partition in _workloads.SelectMany(workload => workload.History.Partitions))
        {
            partition.BeginWindow();
        }
    }

    /// <summary>Waits until a record of each partition was acknowledged.</summary>
    public Task RequireAcknowledgementsAsync(TimeSpan patience, CancellationToken cancellationToken)
        => Task.WhenAll(_workloads.Select(workload => RequireAcknowledgementsAsync(workload, patience, cancellationToken)));

    /// <summary>Stops the load and holds everything against the histories.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_workloads.Select(workload => FinishAsync(workload, cancellationToken)));
        await StopAsync();
        await new ReplicaReader(_cluster, [.. _workloads.Select(workload => workload.History)], _log).CheckAsync(cancellationToken);
        foreach (var workload in _workloads)
        {
            try
            {
                await _cluster.Admin.DeleteTopicAsync(workload.History.Topic, cancellationToken);
            }
            catch (OrleansStreamException error)
            {
                _log.Say($"{workload.History.Topic} could not be deleted: {error.Error} {error.Message}");
            }
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StopAsync()
    {
        foreach (var workload in _workloads)
        {
            await workload.DisposeAsync();
        }
    }

    private async Task CreateTopicAsync(string topic, FaultRunOptions options, CancellationToken cancellationToken)
    {
        var specification = new TopicSpecification(topic, options.Partitions, (short)options.Brokers) { Configs = new Dictionary<string, string> { ["min.insync.replicas"] = "2" } };
        var isThere = await Pace.UntilAsync(
            async stop =>
            {
                await _cluster.Admin.EnsureTopicAsync(specification, stop);
                return true;
            },
            CatchUpPatience,
            cancellationToken);
        if (!isThere)
        {
            _log.Violation($"topic {topic} could not be created within {CatchUpPatience.TotalSeconds:F0} s");
        }
    }

    private async Task RequireAcknowledgementsAsync(IWorkload workload, TimeSpan patience, CancellationToken cancellationToken)
    {
        var partitions = workload.History.Partitions;
        var before = partitions.Select(partition => partition.AcknowledgedCount).ToArray();
        var silent = new List<int>();
        var all = await Pace.UntilAsync(
            _ =>
            {
                silent = [.. partitions.Where(partition => partition.AcknowledgedCount == before[partition.Partition]).Select(partition => partition.Partition)];
                return Task.FromResult(silent.Count == 0);
            },
            patience,
            cancellationToken);
        if (!all)
        {
            _log.Violation($"{workload.Name}: nothing of partitions {string.Join(",", silent)} was acknowledged within {patience.TotalSeconds:F0} s, though the cluster is whole");
        }
    }

    private async Task FinishAsync(IWorkload workload, CancellationToken cancellationToken)
    {
        var (history, account) = (workload.History, workload.Account);
        try
        {
            await workload.StopSendingAsync().WaitAsync(FlushPatience, cancellationToken);
        }
        catch (TimeoutException)
        {
            _log.Violation($"{workload.Name}: the producer has not flushed within {FlushPatience.TotalSeconds:F0} s");
        }

        _log.Say($"{history.Topic}: {history.AcknowledgedCount} records are acknowledged, {history.FailedCount} failed, the producer was made anew {workload.ProducerRestarts} times; waiting for the group");
        if (!await Pace.UntilAsync(_ => Task.FromResult(history.UnconsumedCount == 0), CatchUpPatience, cancellationToken))
        {
            foreach (var partition in history.Partitions.Where(partition => partition.UnconsumedCount > 0))
            {
                _log.Violation($"{workload.Name}: the group has not read {partition.UnconsumedCount} acknowledged records of partition {partition.Partition}, the first is number {partition.FirstUnconsumed()}");
            }
        }

        _log.Say($"{history.Topic}: the group has read on, with {account.Assignments} assignments of partitions, {account.Commits} commits and {account.Restarts} members started again");
    }
}
