using Microsoft.Extensions.Logging;
using Orleans;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Liveness;
using OrleansStream.Metadata;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Grains.Controllers;

/// <summary>Stands for election while the broker's session lasts, and leads the cluster when elected.</summary>
internal sealed partial class ControllerService(
    BrokerState broker, ConfigService configs, IGrainFactory grains, BrokerProbe probe, TimeProvider time, ILogger<ControllerService> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private long _lastRequestNumber;
    private volatile ControllerLeadership? _leadership;

    /// <summary>This broker's time in office; null while another is the controller.</summary>
    public ControllerLeadership? Leadership => _leadership;

    /// <summary>Runs until the token is cancelled.</summary>
    public async Task RunAsync(MetadataSession session, string clusterId, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await RunOnceAsync(session, clusterId, cancellationToken);
            }
            catch (MetadataStoreException exception) when (exception is not MetadataSessionExpiredException)
            {
                // Nor does a node that cannot be understood end the broker: the next controller would end for it as well.
                LogUnavailable(logger, exception, RetryDelay);
                await Task.Delay(RetryDelay, time, cancellationToken);
            }
        }
    }

    private async Task RunOnceAsync(MetadataSession session, string clusterId, CancellationToken cancellationToken)
    {
        // One whom the others do not reach keeps its session, and would win the office that they have just taken from it.
        await session.Cluster.WhenRegisteredAsync(broker.BrokerId, cancellationToken);
        var election = await session.Cluster.ElectControllerAsync(broker.BrokerId, cancellationToken);
        if (election.Fence is { } fence)
        {
            LogElected(logger, broker.BrokerId, fence.ControllerEpoch);
            await LeadAsync(session, fence, clusterId, cancellationToken);
            LogEnded(logger, broker.BrokerId, fence.ControllerEpoch);
            return;
        }

        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (await session.Cluster.ReadIncumbentAsync(_ => gone.TrySetResult(), cancellationToken) is { } incumbent)
        {
            using var scope = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var watching = new ControllerWatch(session.Cluster, incumbent, broker.BrokerId, probe, configs, time, logger).RunAsync(scope.Token);
            await Task.WhenAny(gone.Task, watching);
            await scope.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task LeadAsync(MetadataSession session, ControllerFence fence, string clusterId, CancellationToken cancellationToken)
    {
        // Whoever removes the node takes the office away, as in Kafka.
        using var office = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (await session.Cluster.ReadControllerAsync(_ => gone.TrySetResult(), cancellationToken) != broker.BrokerId)
        {
            return;
        }

        await using var leadership = new ControllerLeadership(
            session, fence, broker, configs, grains, probe, clusterId, () => Interlocked.Increment(ref _lastRequestNumber), time, logger);
        _leadership = leadership;
        try
        {
            var leading = leadership.RunAsync(office.Token);
            await Task.WhenAny(leading, gone.Task);
            await office.CancelAsync();
            await leading;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The office was taken away.
        }
        finally
        {
            _leadership = null;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Broker {BrokerId} is the controller, in epoch {ControllerEpoch}")]
    private static partial void LogElected(ILogger logger, int brokerId, int controllerEpoch);

    [LoggerMessage(2, LogLevel.Warning, "Broker {BrokerId} ends its time as controller of epoch {ControllerEpoch} and stands for election again")]
    private static partial void LogEnded(ILogger logger, int brokerId, int controllerEpoch);

    [LoggerMessage(3, LogLevel.Error, "The metadata store cannot be used by the controller; trying again in {Delay}")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, TimeSpan delay);
}
