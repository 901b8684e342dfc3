using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Controller;
using OrleansStream.Core.Topics;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Controllers;
using OrleansStream.Grains.DataDirectories;
using OrleansStream.Grains.Liveness;
using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Replication;
using OrleansStream.Metadata;
using OrleansStream.Storage;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Grains.Hosting;

/// <summary>
/// Starts and stops the broker with its silo. Start: data directory and metadata session (before the silo opens a port),
/// registration, election; the controller then opens the replicas. Stop: replicas are closed while the silo can still answer.
/// </summary>
internal sealed partial class BrokerLifecycle(
    IOptions<BrokerOptions> options,
    BrokerState broker,
    DataDirectoryHolder directory,
    IMetadataSessions sessions,
    ConfigService configs,
    ControllerService controller,
    BrokerProbe probe,
    HostedPartitions hosted,
    ReplicaFetchers fetchers,
    IsrCheck isrCheck,
    LogCleaner cleaner,
    ILocalSiloDetails silo,
    IClusterMembershipService membership,
    IHostApplicationLifetime application,
    TimeProvider time,
    ILogger<BrokerLifecycle> logger) : ILifecycleParticipant<ISiloLifecycle>, IBroker
{
    /// <summary>How many logs are closed at a time.</summary>
    private const int MaxConcurrentClosings = 32;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>How long a broker that is removed again and again waits before it registers.</summary>
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    private Task _work = Task.CompletedTask;
    private Task _isrChecks = Task.CompletedTask;
    private long _logsSince;
    private long? _orderlySince;
    private volatile bool _isDirty;
    private (MetadataSession Session, string ClusterId)? _prepared;

    public int BrokerId => broker.BrokerId;

    public string DataDirectory => directory.Directory.Path;

    public Task WhenServing => broker.WhenServing;

    public Exception? Failure { get; private set; }

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(BrokerLifecycle) + ".Directory", ServiceLifecycleStage.RuntimeInitialize, OpenDirectoryAsync);
        lifecycle.Subscribe(nameof(BrokerLifecycle), ServiceLifecycleStage.Active, StartAsync, StopAsync);
    }

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        directory.Open();
        if (_prepared is not null)
        {
            return;
        }

        var clusterId = directory.Directory.ClusterId ?? options.Value.ClusterId ?? KafkaUuid.Encode(Guid.NewGuid());
        if (options.Value.ZooKeeper is null)
        {
            // The store is in the directory, so whose that is has to be known first.
            directory.Directory.JoinCluster(clusterId);
        }

        _prepared = await OpenSessionAsync(clusterId, cancellationToken);
    }

    private async Task OpenDirectoryAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        PartitionDirectories.RemoveDeleted(directory.Directory.LogsPath);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var (session, clusterId) = _prepared ?? throw new InvalidOperationException("The broker was not prepared.");
        _prepared = null;
        await configs.LoadAsync(session, cancellationToken);
        await MoveStraysAsideAsync(session, cancellationToken);
        _logsSince = await LogsHistory.ReadOrBeginAsync(directory.Directory.LogsPath, () => session.Cluster.ObserveTransactionAsync(cancellationToken));
        _orderlySince = await OrderlyHistory.BeginAsync(directory.Directory.LogsPath, () => session.Cluster.ObserveTransactionAsync(cancellationToken));
        await RegisterAsync(session, cancellationToken);
        _work = Task.Run(() => RunAsync(session, clusterId, broker.Stopping), CancellationToken.None);
        _isrChecks = Task.Run(() => isrCheck.RunAsync(broker.Stopping), CancellationToken.None);
        if (configs.Broker.Get(BrokerConfigKeys.LogCleanerEnable))
        {
            cleaner.Start();
        }
    }

    /// <summary>Opens a session with a store of the broker's own cluster.</summary>
    private async Task<(MetadataSession Session, string ClusterId)> OpenSessionAsync(string proposal, CancellationToken cancellationToken)
    {
        var session = await sessions.OpenAsync(cancellationToken);
        try
        {
            await session.Cluster.EnsureLayoutAsync(cancellationToken);
            var clusterId = await session.Cluster.GetOrCreateClusterIdAsync(proposal, cancellationToken);
            if (options.Value.ClusterId is { } wanted && wanted != clusterId)
            {
                throw new BrokerStartException($"The metadata store belongs to cluster '{clusterId}', but this broker is of cluster '{wanted}'.");
            }

            directory.Directory.JoinCluster(clusterId);
            return (session, clusterId);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private async Task RegisterAsync(MetadataSession session, CancellationToken cancellationToken)
    {
        var registered = await session.Cluster.RegisterBrokerAsync(Registration(), RegistrationPatience, cancellationToken);
        if (!registered.IsSuccess)
        {
            throw new BrokerStartException(registered.Message!);
        }

        broker.BrokerEpoch = registered.Value;
    }

    /// <summary>A broker that was killed is in the registry until its session has expired; this one may be its next life.</summary>
    private TimeSpan RegistrationPatience => TimeSpan.FromMilliseconds(2.0 * configs.Broker.Get(BrokerConfigKeys.ZooKeeperSessionTimeoutMs));

    private BrokerRegistration Registration()
    {
        var host = options.Value.AdvertisedHost;
        ImmutableArray<BrokerEndpoint> endpoints = options.Value.KafkaPort == 0
            ? []
            : [new BrokerEndpoint("PLAINTEXT", "PLAINTEXT", host, options.Value.KafkaPort)];
        return new BrokerRegistration(BrokerId, endpoints, host, silo.GatewayAddress.Endpoint.Port, options.Value.Rack)
        {
            LogsSince = _logsSince,
            OrderlySince = _orderlySince ?? 0,
        };
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
    private async Task RunAsync(MetadataSession session, string clusterId, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                using var scope = CancellationTokenSource.CreateLinkedTokenSource(stopping, session.Ended);
                var controlling = controller.RunAsync(session, clusterId, scope.Token);
                var following = configs.FollowAsync(scope.Token);
                var registered = StayRegisteredAsync(session, scope.Token);
                var first = await Task.WhenAny(controlling, following, registered);
                await scope.CancelAsync();
                await Task.WhenAll(controlling, following, registered).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await first;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                await session.DisposeAsync();
                return;
            }
            catch (Exception exception) when (exception is MetadataSessionExpiredException || session.Ended.IsCancellationRequested)
            {
                LogSessionEnded(logger, exception);
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
            try
            {
                session = await BeginAgainAsync(clusterId, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Registers again when the others have taken this broker for dead and removed it while its session lived: after a long pause, or
    /// while it was cut off from them. Until then its word is worth nothing: others lead in later epochs.
    /// </summary>
    private async Task StayRegisteredAsync(MetadataSession session, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.Zero;
        while (true)
        {
            try
            {
                var since = time.GetTimestamp();
                await session.Cluster.WhenRegistrationGoneAsync(BrokerId, broker.BrokerEpoch, cancellationToken);
                LogRemoved(logger, broker.BrokerEpoch);
                pause = time.GetElapsedTime(since) > MaxPause ? TimeSpan.Zero : pause;
                await Task.Delay(pause, time, cancellationToken);
                await WhenInContactAsync(session, cancellationToken);
                await RegisterAsync(session, cancellationToken);
                pause = pause < MinPause ? MinPause : pause * 2 < MaxPause ? pause * 2 : MaxPause;
            }
            catch (MetadataStoreException exception) when (exception is not MetadataSessionExpiredException)
            {
                LogRegistrationFailed(logger, exception, RetryDelay);
                await Task.Delay(RetryDelay, time, cancellationToken);
            }
        }
    }

    /// <summary>Waits until this broker reaches another one, if there is any: one that nobody reaches would be removed again.</summary>
    private async Task WhenInContactAsync(MetadataSession session, CancellationToken cancellationToken)
    {
        while (true)
        {
            var others = (await session.Cluster.ReadBrokersAsync(null, cancellationToken)).Where(other => other.BrokerId != BrokerId).ToArray();
            var answers = await Task.WhenAll(others.Select(other => probe.PingAsync(other.BrokerId, other.BrokerEpoch, cancellationToken)));
            if (others.Length == 0 || answers.Contains(PingOutcome.Answered))
            {
                return;
            }

            await Task.Delay(MinPause, time, cancellationToken);
        }
    }

    /// <summary>Opens a new session and registers in it, however long the store cannot be reached.</summary>
    private async Task<MetadataSession> BeginAgainAsync(string clusterId, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                var (session, _) = await OpenSessionAsync(clusterId, stopping);
                try
                {
                    await configs.LoadAsync(session, stopping);
                    await RegisterAsync(session, stopping);
                    return session;
                }
                catch
                {
                    await session.DisposeAsync();
                    throw;
                }
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogRegistrationFailed(logger, exception, RetryDelay);
            }

            await Task.Delay(RetryDelay, time, stopping);
        }
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        if (membership.CurrentSnapshot.Members.TryGetValue(silo.SiloAddress, out var self) && self.Status == SiloStatus.Dead)
        {
            // Nobody told it to stop, and whoever runs it should start it again.
            Failure ??= new SiloUnavailableException($"Broker {broker.BrokerId} was declared dead by the others, which did not hear from it; it has to be started again.");
        }

        // Waiting fetches are answered with what is there; appends under way are made durable and answered.
        await broker.BeginStopAsync();
        await cleaner.StopAsync();
        await fetchers.DisposeAsync();
        await _isrChecks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Parallel.ForEachAsync(
            hosted.Snapshot(),
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentClosings, CancellationToken = cancellationToken },
            async (partition, token) =>
            {
                try
                {
                    if (!await partition.ShutDownAsync(token))
                    {
                        _isDirty = true;
                    }
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    _isDirty = true;
                    LogCloseFailed(logger, exception, partition.TopicPartition);
                }
            });
        if (_orderlySince is { } since && !_isDirty && !cancellationToken.IsCancellationRequested)
        {
            await OrderlyHistory.EndAsync(directory.Directory.LogsPath, since);
        }

        await _work;
    }

    [LoggerMessage(1, LogLevel.Warning, "A log that no topic claims was moved to {Directory}, where it can be deleted")]
    private static partial void LogStray(ILogger logger, string directory);

    [LoggerMessage(2, LogLevel.Warning, "The session with the metadata store has ended; registering again")]
    private static partial void LogSessionEnded(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Critical, "The broker stops: it cannot go on without its metadata")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "The broker could not be registered in a new session; trying again in {Delay}")]
    private static partial void LogRegistrationFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(6, LogLevel.Warning, "The other brokers took this one for dead: its registration of epoch {BrokerEpoch} is gone; registering again")]
    private static partial void LogRemoved(ILogger logger, long brokerEpoch);

    [LoggerMessage(4, LogLevel.Error, "{Partition} could not be closed cleanly; its log will be recovered at the next start")]
    private static partial void LogCloseFailed(ILogger logger, Exception exception, TopicPartition partition);
}
