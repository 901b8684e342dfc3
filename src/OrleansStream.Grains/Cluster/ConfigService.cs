using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansStream.Core.Configuration;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Hosting;
using OrleansStream.Grains.Partitions;
using OrleansStream.Metadata;
using OrleansStream.Metadata.Layout;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Grains.Cluster;

/// <summary>
/// The configuration and the client quotas in force on this broker. Changes arrive as notifications in the metadata store and are
/// applied to the broker, its listeners and open partitions while they run.
/// </summary>
internal sealed partial class ConfigService : ITopicConfigs
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly HostedPartitions _hosted;
    private readonly ListenerFeed _listeners;
    private readonly TimeProvider _time;
    private readonly ILogger<ConfigService> _logger;
    private readonly int _brokerId;
    private volatile BrokerConfig _broker;
    private MetadataSession? _session;
    private long _lastSequence = -1;

    public ConfigService(IOptions<BrokerOptions> options, HostedPartitions hosted, ListenerFeed listeners, TimeProvider time, ILogger<ConfigService> logger)
    {
        _hosted = hosted;
        _listeners = listeners;
        _time = time;
        _logger = logger;
        _brokerId = options.Value.BrokerId;
        _broker = BrokerConfig.Create(options.Value.Configs).Value;
    }

    /// <summary>Raised after a topic's configuration has changed.</summary>
    public event Action? TopicsChanged;

    /// <inheritdoc/>
    public BrokerConfig Broker => _broker;

    /// <summary>The session that is in use.</summary>
    public MetadataSession Session => Volatile.Read(ref _session) ?? throw new InvalidOperationException("The broker has no metadata session yet.");

    /// <inheritdoc/>
    public async ValueTask<TopicConfig> GetAsync(string topic, CancellationToken cancellationToken)
    {
        // Read each time: a topic of that name may have been deleted and made again since.
        var config = TopicConfig.Resolve(await Session.Configs.ReadAsync(new ConfigEntity(ConfigResourceType.Topic, topic), cancellationToken), _broker);
        foreach (var problem in config.Problems)
        {
            LogProblem(_logger, topic, problem);
        }

        return config;
    }

    /// <summary>Takes over a new session: reads what holds now, and applies it to partitions that are open already.</summary>
    public async Task LoadAsync(MetadataSession session, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _session, session);
        foreach (var notification in await session.Configs.ReadNotificationsAsync(-1, null, cancellationToken))
        {
            _lastSequence = notification.Sequence;
        }

        await LoadBrokerAsync(cancellationToken);
        await LoadQuotasAsync(cancellationToken);
        TellListeners();
        await ApplyToAllAsync(cancellationToken);
    }

    /// <summary>Follows the notifications until the token is cancelled.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await FollowOnceAsync(cancellationToken);
            }
            catch (MetadataStoreException exception) when (exception is not MetadataSessionExpiredException)
            {
                // What is in force stays in force until the store answers again, or somebody has repaired what cannot be read.
                LogUnavailable(_logger, exception, RetryDelay);
                await Task.Delay(RetryDelay, _time, cancellationToken);
            }
        }
    }

    private async Task FollowOnceAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var notifications = await Session.Configs.ReadNotificationsAsync(_lastSequence, _ => changed.TrySetResult(), cancellationToken);
            foreach (var notification in notifications)
            {
                try
                {
                    await ApplyAsync(notification, cancellationToken);
                }
                catch (ZNodeFormatException exception)
                {
                    // Written by somebody else's hand: no reason for any broker to stop.
                    LogMalformed(_logger, exception);
                }

                _lastSequence = notification.Sequence;
            }

            await changed.Task.WaitAsync(cancellationToken);
        }
    }

    private async Task ApplyAsync(ConfigNotification notification, CancellationToken cancellationToken)
    {
        if (QuotaPath.TryParse(notification.EntityPath, out var quotaEntity))
        {
            await LoadQuotaAsync(quotaEntity.Value, cancellationToken);
            return;
        }

        if (!ConfigEntity.TryParse(notification.EntityPath, out var entity))
        {
            return;
        }

        if (entity.Type == ConfigResourceType.Topic)
        {
            await ApplyToAsync(entity.Name, _hosted.OfTopic(entity.Name), cancellationToken);
            TopicsChanged?.Invoke();
        }
        else if (entity.Name.Length == 0 || entity.Name == _brokerId.ToString(CultureInfo.InvariantCulture))
        {
            // A broker's value is a topic's value where the topic has none of its own.
            await LoadBrokerAsync(cancellationToken);
            TellListeners();
            await ApplyToAllAsync(cancellationToken);
            TopicsChanged?.Invoke();
        }
    }

    private async Task ApplyToAllAsync(CancellationToken cancellationToken)
    {
        foreach (var topic in _hosted.Snapshot().GroupBy(partition => partition.TopicPartition.Topic, StringComparer.Ordinal))
        {
            await ApplyToAsync(topic.Key, [.. topic], cancellationToken);
        }
    }

    private async Task ApplyToAsync(string topic, IReadOnlyList<IHostedPartition> partitions, CancellationToken cancellationToken)
    {
        if (partitions.Count == 0)
        {
            return;
        }

        var config = await GetAsync(topic, cancellationToken);
        await Task.WhenAll(partitions.Select(partition => partition.ApplyConfigAsync(config)));
    }

    private async Task LoadBrokerAsync(CancellationToken cancellationToken)
    {
        var defaults = await ReadBrokerAsync(string.Empty, cancellationToken);
        var own = await ReadBrokerAsync(_brokerId.ToString(CultureInfo.InvariantCulture), cancellationToken);
        _broker = _broker.WithDynamic(defaults, own);
        foreach (var problem in _broker.Problems)
        {
            LogProblem(_logger, $"broker {_brokerId}", problem);
        }
    }

    private Task<ImmutableDictionary<string, string>> ReadBrokerAsync(string name, CancellationToken cancellationToken)
        => Session.Configs.ReadAsync(new ConfigEntity(ConfigResourceType.Broker, name), cancellationToken);

    [LoggerMessage(2, LogLevel.Error, "Changes of configuration cannot be read; trying again in {Delay}")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(1, LogLevel.Warning, "The stored configuration of {Resource} is ignored in part: {Problem}")]
    private static partial void LogProblem(ILogger logger, string resource, string problem);
}
