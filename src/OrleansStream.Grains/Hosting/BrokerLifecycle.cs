using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Controller;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Controllers;
using OrleansStream.Grains.DataDirectories;
using OrleansStream.Grains.Partitions;
using OrleansStream.Storage;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Grains.Hosting;

/// <summary>
/// Starts and stops the broker with its silo. Start: data directory (before the silo opens a port), metadata session,
/// registration, election; the controller then opens the replicas. Stop: replicas are closed while the silo can still answer.
/// </summary>
internal sealed partial class BrokerLifecycle(
    IOptions<BrokerOptions> options,
    BrokerState broker,
    DataDirectoryHolder directory,
    IMetadataSessions sessions,
    ConfigService configs,
    ControllerService controller,
    HostedPartitions hosted,
    LogCleaner cleaner,
    ILocalSiloDetails silo,
    IHostApplicationLifetime application,
    ILogger<BrokerLifecycle> logger) : ILifecycleParticipant<ISiloLifecycle>, IBroker
{
    /// <summary>How many logs are closed at a time.</summary>
    private const int MaxConcurrentClosings = 32;

    private Task _work = Task.CompletedTask;

    public int BrokerId => broker.BrokerId;

    public string DataDirectory => directory.Directory.Path;

    public Task WhenServing => broker.WhenServing;

    public Exception? Failure { get; private set; }

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(BrokerLifecycle) + ".Directory", ServiceLifecycleStage.RuntimeInitialize, OpenDirectoryAsync);
        lifecycle.Subscribe(nameof(BrokerLifecycle), ServiceLifecycleStage.Active, StartAsync, StopAsync);
    }

    public void Prepare() => directory.Open();

    private Task OpenDirectoryAsync(CancellationToken cancellationToken)
    {
        Prepare();
        PartitionDirectories.RemoveDeleted(directory.Directory.LogsPath);
        return Task.CompletedTask;
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var session = await BeginSessionAsync(cancellationToken);
        _work = Task.Run(() => RunAsync(session, broker.Stopping), CancellationToken.None);
        if (configs.Broker.Get(BrokerConfigKeys.LogCleanerEnable))
        {
            cleaner.Start();
        }
    }

    /// <summary>Opens a session and registers the broker in it.</summary>
    private async Task<(MetadataSession Session, string ClusterId)> BeginSessionAsync(CancellationToken cancellationToken)
    {
        var session = await sessions.OpenAsync(cancellationToken);
        await session.Cluster.EnsureLayoutAsync(cancellationToken);
        var clusterId = await session.Cluster.GetOrCreateClusterIdAsync(directory.Directory.ClusterId, cancellationToken);
        if (clusterId != directory.Directory.ClusterId)
        {
            throw new BrokerStartException(
                $"The data directory {directory.Directory.Path} belongs to cluster '{directory.Directory.ClusterId}', but the metadata store to cluster '{clusterId}'.");
        }

        await configs.LoadAsync(session, cancellationToken);
        await MoveStraysAsideAsync(session, cancellationToken);
        var registered = await session.Cluster.RegisterBrokerAsync(Registration(), cancellationToken);
        if (!registered.IsSuccess)
        {
            throw new BrokerStartException(registered.Message!);
        }

        broker.BrokerEpoch = registered.Value;
        return (session, clusterId);
    }

    private BrokerRegistration Registration()
    {
        var host = options.Value.AdvertisedHost;
        ImmutableArray<BrokerEndpoint> endpoints = options.Value.KafkaPort == 0
            ? []
            : [new BrokerEndpoint("PLAINTEXT", "PLAINTEXT", host, options.Value.KafkaPort)];
        return new BrokerRegistration(BrokerId, endpoints, host, silo.GatewayAddress.Endpoint.Port, options.Value.Rack);
    }

    private async Task MoveStraysAsideAsync(MetadataSession session, CancellationToken cancellationToken)
    {
        var topics = await session.Topics.ReadTopicsAsync(null, null, cancellationToken);
        var assigned = topics
            .SelectMany(topic => topic.Assignment.TopicPartitions.Zip(topic.Assignment.Partitions))
            .Where(pair => pair.Second.Replicas.Contains(BrokerId))
            .Select(pair => pair.First)
            .ToHashSet();
        foreach (var moved in StrayLogs.MoveAside(directory.Directory.LogsPath, assigned.Contains))
        {
            LogStray(logger, moved);
        }
    }

    /// <summary>Lives in one session after the other until the broker stops.</summary>
    private async Task RunAsync((MetadataSession Session, string ClusterId) registration, CancellationToken stopping)
    {
        while (true)
        {
            var (session, clusterId) = registration;
            try
            {
                using var scope = CancellationTokenSource.CreateLinkedTokenSource(stopping, session.Ended);
                var first = await Task.WhenAny(
                    controller.RunAsync(session, clusterId, scope.Token),
                    configs.FollowAsync(scope.Token));
                await scope.CancelAsync();
                await first;
            }
            catch (Exception exception) when (session.Ended.IsCancellationRequested && !stopping.IsCancellationRequested)
            {
                LogSessionEnded(logger, exception);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                await session.DisposeAsync();
                return;
            }
            catch (Exception exception)
            {
                // Without metadata the broker cannot be trusted to lead anything.
                Failure = exception;
                LogFailed(logger, exception);
                broker.SetFailed(exception);
                application.StopApplication();
                return;
            }

            await session.DisposeAsync();
            registration = await BeginSessionAsync(stopping);
        }
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        // Waiting fetches are answered with what is there; appends under way are made durable and answered.
        await broker.BeginStopAsync();
        await cleaner.StopAsync();
        await Parallel.ForEachAsync(
            hosted.Snapshot(),
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentClosings, CancellationToken = cancellationToken },
            async (partition, token) =>
            {
                try
                {
                    await partition.ShutDownAsync(token);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogCloseFailed(logger, exception, partition.TopicPartition);
                }
            });
        await _work;
    }

    [LoggerMessage(1, LogLevel.Warning, "A log that no topic claims was moved to {Directory}, where it can be deleted")]
    private static partial void LogStray(ILogger logger, string directory);

    [LoggerMessage(2, LogLevel.Warning, "The session with the metadata store has ended; registering again")]
    private static partial void LogSessionEnded(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Critical, "The broker stops: it cannot go on without its metadata")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "{Partition} could not be closed cleanly; its log will be recovered at the next start")]
    private static partial void LogCloseFailed(ILogger logger, Exception exception, TopicPartition partition);
}
