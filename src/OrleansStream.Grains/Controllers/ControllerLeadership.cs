using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Core;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Controller;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Liveness;
using OrleansStream.Metadata;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Grains.Controllers;

/// <summary>
/// One election's time in office: feeds the <see cref="ControllerMachine"/> with what the metadata store and the brokers
/// say, and carries its steps out. One loop, one event at a time.
/// </summary>
internal sealed partial class ControllerLeadership : IAsyncDisposable
{
    /// <summary>How many requests of brokers may wait; the next are refused, and asked again.</summary>
    private const int MaxWaitingRequests = 1000;

    private readonly MetadataSession _session;
    private readonly ControllerFence _fence;
    private readonly ConfigService _configs;
    private readonly IGrainFactory _grains;
    private readonly ILogger _logger;
    private readonly ControllerMachine _machine;
    private readonly ControllerContext _context;
    private readonly ControllerInbox _inbox = new();
    private readonly Action<WatchEvent> _onTopics;
    private readonly Lock _reportsLock = new();
    private readonly List<Report> _reports = [];
    private readonly Dictionary<int, BrokerChannel> _channels = [];
    private readonly BrokerWatch _watch;
    private bool _isOver;

    public ControllerLeadership(
        MetadataSession session,
        ControllerFence fence,
        BrokerState broker,
        ConfigService configs,
        IGrainFactory grains,
        BrokerProbe probe,
        string clusterId,
        Func<long> nextRequestNumber,
        TimeProvider time,
        ILogger logger)
    {
        _session = session;
        _fence = fence;
        _configs = configs;
        _grains = grains;
        _logger = logger;
        _machine = new ControllerMachine(broker.BrokerId, fence.ControllerEpoch);
        _context = new ControllerContext(
            broker.BrokerId,
            fence.ControllerEpoch,
            clusterId,
            (brokerId, brokerEpoch, partitions) => Take(new Report(machine => IsAlive(machine, brokerId, brokerEpoch)
                ? machine.OnReplicasOffline(brokerId, partitions)
                : ControllerStep.Nothing)),
            (brokerId, results) => Take(new Report(machine => machine.OnReplicasStopped(brokerId, results))),
            nextRequestNumber,
            time,
            logger);
        _watch = new BrokerWatch(session.Cluster, fence, broker.BrokerId, probe, configs, time, logger);
        _onTopics = _ => _inbox.Post(ControllerEvents.Topics);
        _configs.TopicsChanged += OnConfigsChanged;
    }

    /// <summary>Leads until the broker has to stand for election again (returns) or the token is cancelled (throws).</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var balance = StartBalancing();
            await ExecuteAsync(_machine.Load(await ReadAllAsync(cancellationToken)), cancellationToken);
            while (true)
            {
                await HandleAsync(await _inbox.TakeAsync(cancellationToken), cancellationToken);
            }
        }
        catch (StartOverException)
        {
            // The next election tells whether this broker still leads; if so, everything is read and sent anew.
        }
    }

    /// <summary>Has the machine decide on a broker's request, and carries its step out.</summary>
    /// <param name="decide">The decision.</param>
    /// <param name="answer">The answer, once all is written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer; <see cref="ErrorCode.NotController"/> when the time in office is over first.</returns>
    public async Task<Outcome<T>> AskAsync<T>(
        Func<ControllerMachine, Outcome<ControllerStep>> decide, Func<ControllerMachine, T> answer, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<Outcome<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isTaken = Take(new Report(
            machine =>
            {
                var step = decide(machine);
                if (!step.IsSuccess)
                {
                    result.TrySetResult(step.WithoutValue());
                    return ControllerStep.Nothing;
                }

                return step.Value;
            },
            machine => result.TrySetResult(Outcome.Of(answer(machine))),
            () => result.TrySetResult(Outcome.Failure(ErrorCode.NotController, "The controller's time in office is over."))));
        return isTaken
            ? await result.Task.WaitAsync(cancellationToken)
            : Outcome.Failure(ErrorCode.NotController, "The controller's time in office is over, or too many requests wait for it.");
    }

    /// <summary>Completes when the brokers have been told all that has been decided by now, those that cannot be reached excepted.</summary>
    /// <param name="patience">How long to wait for those that do not answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WhenToldAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var told = await AskAsync(
            _ => Outcome.Of(ControllerStep.Nothing), _ => Task.WhenAll(_channels.Values.Where(channel => !channel.IsFarewell).Select(channel => channel.WhenToldAsync())), cancellationToken);
        if (told.IsSuccess)
        {
            await told.Value.WaitAsync(patience, _context.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _configs.TopicsChanged -= OnConfigsChanged;
        await _watch.DisposeAsync();
        Report[] left;
        lock (_reportsLock)
        {
            _isOver = true;
            left = [.. _reports];
            _reports.Clear();
        }

        foreach (var report in left)
        {
            report.Abandon?.Invoke();
        }

        foreach (var channel in _channels.Values)
        {
            await channel.DisposeAsync();
        }
    }

    private async Task<ClusterSnapshot> ReadAllAsync(CancellationToken cancellationToken)
    {
        // News before what they are news of: whatever comes after the read of the one is seen by the read of the other, or told by a watch.
        await TakeIsrChangesAsync(cancellationToken);
        var marks = await ReadMarksAsync(cancellationToken);
        var brokers = await ReadBrokersAsync(cancellationToken);
        var topics = await ReadTopicsAsync(cancellationToken);
        var states = await _session.Topics.ReadStatesAsync(topics.SelectMany(topic => topic.TopicPartitions), cancellationToken);
        var enabled = _configs.Broker.Get(BrokerConfigKeys.DeleteTopicEnable);
        if (!enabled && !marks.IsEmpty)
        {
            _inbox.Post(ControllerEvents.Marks);
        }

        var (policies, defaultPolicy) = await ReadPoliciesAsync(cancellationToken);
        return new ClusterSnapshot(brokers, topics, states, enabled ? marks : [], policies, defaultPolicy);
    }

    private async Task HandleAsync(ControllerEvents events, CancellationToken cancellationToken)
    {
        if (events.HasFlag(ControllerEvents.Brokers))
        {
            var brokers = await ReadBrokersAsync(cancellationToken);
            await CloseChannelsExceptAsync(brokers);
            await ExecuteAsync(_machine.OnBrokersChanged(brokers), cancellationToken);
        }

        if (events.HasFlag(ControllerEvents.Configs))
        {
            var (policies, defaultPolicy) = await ReadPoliciesAsync(cancellationToken);
            await ExecuteAsync(_machine.OnPoliciesChanged(policies, defaultPolicy), cancellationToken);
        }

        if (events.HasFlag(ControllerEvents.Topics))
        {
            await RereadTopicsAsync(cancellationToken);
        }

        if (events.HasFlag(ControllerEvents.Marks))
        {
            var marks = await ReadMarksAsync(cancellationToken);
            if (!marks.All(_machine.HasTopic))
            {
                // Only what exists is marked: a topic that was made and marked before this controller has heard of it.
                await RereadTopicsAsync(cancellationToken);
            }

            var enabled = _configs.Broker.Get(BrokerConfigKeys.DeleteTopicEnable);
            await ExecuteAsync(_machine.OnDeletionRequested(marks, enabled), cancellationToken);
        }

        if (events.HasFlag(ControllerEvents.IsrChanges))
        {
            await RereadAsync(await TakeIsrChangesAsync(cancellationToken), cancellationToken);
        }

        if (events.HasFlag(ControllerEvents.Balance))
        {
            await ExecuteAsync(_machine.BalanceLeaders(_configs.Broker.Get(BrokerConfigKeys.LeaderImbalancePerBrokerPercentage)), cancellationToken);
        }

        if (events.HasFlag(ControllerEvents.Reports))
        {
            foreach (var report in TakeReports())
            {
                await CarryOutAsync(report, cancellationToken);
            }
        }
    }

    /// <summary>Has the balance of leaders looked at from time to time, if that is wanted.</summary>
    private ITimer? StartBalancing()
    {
        var period = TimeSpan.FromSeconds(_configs.Broker.Get(BrokerConfigKeys.LeaderImbalanceCheckIntervalSeconds));
        return _configs.Broker.Get(BrokerConfigKeys.AutoLeaderRebalanceEnable)
            ? _context.Time.CreateTimer(_ => _inbox.Post(ControllerEvents.Balance), null, period, period)
            : null;
    }

    private async Task CarryOutAsync(Report report, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(report.Decide(_machine), cancellationToken);
            report.Done?.Invoke(_machine);
        }
        finally
        {
            report.Abandon?.Invoke();
        }
    }

    /// <summary>Carries a step out, and those that follow from it.</summary>
    private async Task ExecuteAsync(ControllerStep step, CancellationToken cancellationToken)
    {
        if (step.IsEmpty)
        {
            return;
        }

        var written = step.Writes.IsEmpty ? [] : Demand(await _session.Topics.WriteStatesAsync(_fence, step.Writes, cancellationToken));
        foreach (var topic in step.RemovedTopics)
        {
            Demand(await _session.Topics.RemoveTopicAsync(_fence, topic, cancellationToken));
            LogTopicRemoved(_logger, topic);
        }

        if (!step.RefusedDeletions.IsEmpty)
        {
            Demand(await _session.Topics.RemoveMarksAsync(_fence, step.RefusedDeletions, cancellationToken));
        }

        foreach (var instruction in step.Instructions)
        {
            await SendAsync(instruction);
        }

        if (!step.FinishedReassignments.IsEmpty)
        {
            Demand(await _session.Topics.FinishReassignmentsAsync(_fence, step.FinishedReassignments, cancellationToken));
        }

        if (!step.Writes.IsEmpty)
        {
            await ExecuteAsync(_machine.OnStatesWritten(written), cancellationToken);
        }

        if (!step.RemovedTopics.IsEmpty)
        {
            await ExecuteAsync(_machine.OnTopicsRemoved(step.RemovedTopics), cancellationToken);
        }

        if (!step.Rereads.IsEmpty || !step.FinishedReassignments.IsEmpty)
        {
            // Before anything is decided on an assignment that is not the present one.
            await RereadTopicsAsync(cancellationToken);
        }

        await RereadAsync(step.Rereads, cancellationToken);
    }

    private async Task RereadTopicsAsync(CancellationToken cancellationToken)
        => await ExecuteAsync(_machine.OnTopicsChanged(await ReadTopicsAsync(cancellationToken)), cancellationToken);

    private async Task RereadAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        if (partitions.Count == 0)
        {
            return;
        }

        var states = await _session.Topics.ReadStatesAsync(partitions, cancellationToken);
        await ExecuteAsync(
            _machine.OnStatesRead(partitions.ToDictionary(partition => partition, partition => states.GetValueOrDefault(partition))),
            cancellationToken);
    }

    private async Task SendAsync(BrokerInstruction instruction)
    {
        if (_channels.TryGetValue(instruction.BrokerId, out var channel) && channel.BrokerEpoch != instruction.BrokerEpoch)
        {
            _channels.Remove(instruction.BrokerId);
            await channel.DisposeAsync();
            channel = null;
        }

        if (channel is null)
        {
            channel = new BrokerChannel(
                instruction.BrokerId, instruction.BrokerEpoch, instruction.IsFarewell, _grains.GetGrain<IBrokerGrain>(instruction.BrokerId), _context);
            _channels.Add(instruction.BrokerId, channel);
        }

        if (!channel.TrySend(instruction))
        {
            throw new StartOverException();
        }
    }

    private async Task CloseChannelsExceptAsync(ImmutableArray<LiveBroker> brokers)
    {
        foreach (var gone in _channels.Values
            .Where(channel => !brokers.Any(broker => broker.BrokerId == channel.BrokerId && broker.BrokerEpoch == channel.BrokerEpoch))
            .ToArray())
        {
            _channels.Remove(gone.BrokerId);
            await gone.DisposeAsync();
        }
    }

    private async Task<ImmutableArray<LiveBroker>> ReadBrokersAsync(CancellationToken cancellationToken)
    {
        var brokers = await _session.Cluster.ReadBrokersAsync(_ => _inbox.Post(ControllerEvents.Brokers), cancellationToken);
        await _watch.FollowAsync(brokers);
        return brokers;
    }

    private async Task<ImmutableArray<TopicAssignment>> ReadTopicsAsync(CancellationToken cancellationToken)
    {
        // Set again on every node at each read; the same delegate on one node is called once.
        var topics = await _session.Topics.ReadTopicsAsync(_onTopics, _onTopics, cancellationToken);
        return [.. topics.Select(topic => topic.Assignment)];
    }

    private Task<ImmutableArray<string>> ReadMarksAsync(CancellationToken cancellationToken)
        => _session.Topics.ReadMarksAsync(_ => _inbox.Post(ControllerEvents.Marks), cancellationToken);

    private async Task<ImmutableSortedSet<TopicPartition>> TakeIsrChangesAsync(CancellationToken cancellationToken)
        => Demand(await _session.Topics.TakeIsrChangesAsync(_fence, _ => _inbox.Post(ControllerEvents.IsrChanges), cancellationToken));

    private async Task<(ImmutableDictionary<string, ReplicationPolicy> Policies, ReplicationPolicy Default)> ReadPoliciesAsync(CancellationToken cancellationToken)
    {
        var topics = await _session.Configs.ReadTopicsAsync(cancellationToken);
        return (
            topics.ToImmutableDictionary(topic => topic.Key, topic => PolicyOf(topic.Value), StringComparer.Ordinal),
            PolicyOf(ImmutableDictionary<string, string>.Empty));
    }

    private ReplicationPolicy PolicyOf(ImmutableDictionary<string, string> values)
    {
        var topic = TopicConfig.Resolve(values, _configs.Broker);
        return new ReplicationPolicy(topic.MinInsyncReplicas, topic.IsFlushedBeforeAck, topic.IsUncleanLeaderElectionEnabled);
    }

    private static bool IsAlive(ControllerMachine machine, int brokerId, long brokerEpoch)
        => machine.Brokers.Any(broker => broker.BrokerId == brokerId && broker.BrokerEpoch == brokerEpoch);

    private void OnConfigsChanged() => _inbox.Post(ControllerEvents.Configs);

    private bool Take(Report report)
    {
        lock (_reportsLock)
        {
            if (_isOver || (report.Abandon is not null && _reports.Count >= MaxWaitingRequests))
            {
                return false;
            }

            _reports.Add(report);
        }

        _inbox.Post(ControllerEvents.Reports);
        return true;
    }

    private Report[] TakeReports()
    {
        lock (_reportsLock)
        {
            var reports = _reports.ToArray();
            _reports.Clear();
            return reports;
        }
    }

    private static void Demand(Outcome outcome)
    {
        if (!outcome.IsSuccess)
        {
            throw new StartOverException();
        }
    }

    private static T Demand<T>(Outcome<T> outcome) => outcome.IsSuccess ? outcome.Value : throw new StartOverException();

    [LoggerMessage(11, LogLevel.Information, "Topic {Topic} is deleted")]
    private static partial void LogTopicRemoved(ILogger logger, string topic);

    /// <summary>Something that brokers have said or asked.</summary>
    /// <param name="Decide">What the machine makes of it.</param>
    /// <param name="Done">Called when that is written.</param>
    /// <param name="Abandon">Called in the end, or when it does not come to that.</param>
    private sealed record Report(Func<ControllerMachine, ControllerStep> Decide, Action<ControllerMachine>? Done = null, Action? Abandon = null);

    /// <summary>Another controller was elected, or a broker has not been reached for so long that its line is full.</summary>
    private sealed class StartOverException : Exception;
}
