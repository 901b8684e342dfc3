using Microsoft.Extensions.Logging;
using OrleansStream.Core.Configuration;
using OrleansStream.Grains.Partitions;
using OrleansStream.Metadata;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Grains.Liveness;

/// <summary>
/// The watch of the other brokers over the controller: when most of them do not reach it, it loses its office and its registration, both
/// bound to its session, before the session has expired. Should it live, it finds that out by its own watches, and its writes are fenced.
/// </summary>
internal sealed partial class ControllerWatch(
    ClusterRegistry registry, ControllerIncumbent incumbent, int brokerId, BrokerProbe probe, ITopicConfigs configs, TimeProvider time, ILogger logger)
{
    /// <summary>Watches until the controller was deposed, or the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var brokerEpoch = incumbent.BrokerEpoch ?? 0;
        while (true)
        {
            try
            {
                await probe.WhenDeadAsync(
                    incumbent.ControllerId, brokerEpoch, ReadOthersAsync, () => LogNotAgreed(logger, incumbent.ControllerId), cancellationToken);
                if (await registry.DeposeControllerAsync(incumbent, cancellationToken))
                {
                    LogDeposed(logger, incumbent.ControllerId, incumbent.Election.ControllerEpoch);
                    return;
                }
            }
            catch (MetadataStoreException exception)
            {
                LogFailed(logger, exception, incumbent.ControllerId);
                await Task.Delay(TimeSpan.FromMilliseconds(configs.Broker.Get(BrokerConfigKeys.BrokerHeartbeatIntervalMs)), time, cancellationToken);
            }
        }
    }

    private async ValueTask<IReadOnlyCollection<int>> ReadOthersAsync(CancellationToken cancellationToken)
    {
        var brokers = await registry.ReadBrokersAsync(null, cancellationToken);
        return [.. brokers.Select(broker => broker.BrokerId).Where(id => id != incumbent.ControllerId && id != brokerId)];
    }

    [LoggerMessage(1, LogLevel.Warning, "The controller, broker {ControllerId}, does not answer, nor does it answer the others; its office of epoch {ControllerEpoch} is taken away")]
    private static partial void LogDeposed(ILogger logger, int controllerId, int controllerEpoch);

    [LoggerMessage(2, LogLevel.Warning, "The controller, broker {ControllerId}, does not answer, but not enough of the others say the same; its session decides")]
    private static partial void LogNotAgreed(ILogger logger, int controllerId);

    [LoggerMessage(3, LogLevel.Warning, "The controller, broker {ControllerId}, does not answer and could not be deposed")]
    private static partial void LogFailed(ILogger logger, Exception exception, int controllerId);
}
