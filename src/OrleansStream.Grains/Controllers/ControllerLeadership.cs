using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Core;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Controller;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Metadata;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Grains.Controllers;

/// <summary>
/// One election's time in office: feeds the <see cref="ControllerMachine"/> with what the metadata store and the brokers
/// say, and carries its steps out. One loop, one event at a time.
/// </summary>
internal sealed partial class ControllerLeadership : IAsyncDisposable
{
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
    private readonly List<Func<ControllerMachine, ControllerStep>> _reports = [];
    private readonly Dictionary<int, BrokerChannel> _channels = [];

    public ControllerLeadership(
        MetadataSession session,
        ControllerFence fence,
        BrokerState broker,
        ConfigService configs,
        IGrainFactory grains,
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
            (brokerId, partitions) => Report(machine => machine.OnReplicasOffline(brokerId, partitions)),
            (brokerId, results) => Report(machine => machine.OnReplicasStopped(brokerId, results)),
            nextRequestNumber,
            time,
            logger);
        _onTopics = _ => _inbox.Post(ControllerEvents.Topics);
        _configs.TopicsChanged += OnConfigsChanged;
    }

    /// <summary>Leads until the broker has to stand for election again (returns) or the token is cancelled (throws).</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
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

    public async ValueTask DisposeAsync()
    {
        _configs.TopicsChanged -= OnConfigsChanged;
        foreach (var channel in _channels.Values)
        {
            await channel.DisposeAsync();
        }
    }

    private async Task<ClusterSnapshot> ReadAllAsync(CancellationToken cancellationToken)
    {
        var brokers = await ReadBrokersAsync(cancellationToken);
        var topics = await ReadTopicsAsync(cancellationToken);
        var states = await _session.Topics.ReadStatesAsync(topics.SelectMany(topic => topic.TopicPartitions), cancellationToken);
        var marks = await ReadMarksAsync(cancellationToken);
        await TakeIsrChangesAsync(cancellationToken);
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
            await ExecuteAsync(_machine.OnTopicsChanged(await ReadTopicsAsync(cancellationToken)), cancellationToken);
        }

        if (events.HasFlag(ControllerEvents.Marks))
        {
            var enabled = _configs.Broker.Get(BrokerConfigKeys.DeleteTopicEnable);
            await ExecuteAsync(_machine.OnDeletionRequested(await ReadMarksAsync(cancellationToken), enabled), cancellationToken);
        }

        if (events.HasFlag(ControllerEvents.IsrChanges))
        {
            await RereadAsync(await TakeIsrChangesAsync(cancellationToken), cancellationToken);
        }

        if (events.HasFlag(ControllerEvents.Reports))
        {
            foreach (var report in TakeReports())
            {
                await ExecuteAsync(report(_machine), cancellationToken);
            }
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

        await RereadAsync(step.Rereads, cancellationToken);
    }

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
                instruction.BrokerId, instruction.BrokerEpoch, _grains.GetGrain<IBrokerGrain>(instruction.BrokerId), _context);
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

    private Task<ImmutableArray<LiveBroker>> ReadBrokersAsync(CancellationToken cancellationToken)
        => _session.Cluster.ReadBrokersAsync(_ => _inbox.Post(ControllerEvents.Brokers), cancellationToken);

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

    private void OnConfigsChanged() => _inbox.Post(ControllerEvents.Configs);

    private void Report(Func<ControllerMachine, ControllerStep> report)
    {
        lock (_reportsLock)
        {
            _reports.Add(report);
        }

        _inbox.Post(ControllerEvents.Reports);
    }

    private Func<ControllerMachine, ControllerStep>[] TakeReports()
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

    /// <summary>Another controller was elected, or a broker has not been reached for so long that its line is full.</summary>
    private sealed class StartOverException : Exception;
}
