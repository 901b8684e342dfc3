using Microsoft.Extensions.Logging;
using Orleans;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Metadata;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Grains.Controllers;

/// <summary>Stands for election while the broker's session lasts, and leads the cluster when elected.</summary>
internal sealed partial class ControllerService(
    BrokerState broker, ConfigService configs, IGrainFactory grains, TimeProvider time, ILogger<ControllerService> logger)
{
    private long _lastRequestNumber;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Runs until the token is cancelled.</summary>
    public async Task RunAsync(MetadataSession session, string clusterId, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await RunOnceAsync(session, clusterId, cancellationToken);
            }
            catch (MetadataUnavailableException exception)
            {
                LogUnavailable(logger, exception, RetryDelay);
                await Task.Delay(RetryDelay, time, cancellationToken);
            }
        }
    }

    private async Task RunOnceAsync(MetadataSession session, string clusterId, CancellationToken cancellationToken)
    {
        var election = await session.Cluster.ElectControllerAsync(broker.BrokerId, cancellationToken);
        if (election.Fence is { } fence)
        {
            LogElected(logger, broker.BrokerId, fence.ControllerEpoch);
            await LeadAsync(session, fence, clusterId, cancellationToken);
            LogEnded(logger, broker.BrokerId, fence.ControllerEpoch);
            return;
        }

        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (await session.Cluster.ReadControllerAsync(_ => gone.TrySetResult(), cancellationToken) is not null)
        {
            await gone.Task.WaitAsync(cancellationToken);
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

        await using var leadership = new ControllerLeadership(session, fence, broker, configs, grains, clusterId, () => Interlocked.Increment(ref _lastRequestNumber), time, logger);
        var leading = leadership.RunAsync(office.Token);
        await Task.WhenAny(leading, gone.Task);
        await office.CancelAsync();
        try
        {
            await leading;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The office was taken away.
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Broker {BrokerId} is the controller, in epoch {ControllerEpoch}")]
    private static partial void LogElected(ILogger logger, int brokerId, int controllerEpoch);

    [LoggerMessage(2, LogLevel.Warning, "Broker {BrokerId} ends its time as controller of epoch {ControllerEpoch} and stands for election again")]
    private static partial void LogEnded(ILogger logger, int brokerId, int controllerEpoch);

    [LoggerMessage(3, LogLevel.Error, "The metadata store cannot be used by the controller; trying again in {Delay}")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, TimeSpan delay);
}
