using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Controller;
using OrleansStream.Grains.Partitions;
using OrleansStream.Metadata;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Grains.Liveness;

/// <summary>
/// The controller's watch over the registered brokers: the registration of one that is dead is removed before its session with the
/// metadata store has expired. A session's time-out cannot be short: ZooKeeper rounds it up to its ticks, at least two of them.
/// </summary>
internal sealed partial class BrokerWatch(
    ClusterRegistry registry, ControllerFence fence, int controllerId, BrokerProbe probe, ITopicConfigs configs, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly Dictionary<int, (long BrokerEpoch, CancellationTokenSource Stop, Task Watching)> _watched = [];
    private volatile int[] _brokers = [];

    /// <summary>Watches these brokers and no others. One call at a time.</summary>
    public async Task FollowAsync(ImmutableArray<LiveBroker> brokers)
    {
        _brokers = [.. brokers.Select(broker => broker.BrokerId)];
        foreach (var gone in _watched.Where(watched => !brokers.Any(broker => broker.BrokerId == watched.Key && broker.BrokerEpoch == watched.Value.BrokerEpoch)).ToArray())
        {
            _watched.Remove(gone.Key);
            await StopAsync(gone.Value.Stop, gone.Value.Watching);
        }

        foreach (var broker in brokers.Where(broker => broker.BrokerId != controllerId && !_watched.ContainsKey(broker.BrokerId)))
        {
            var stop = new CancellationTokenSource();
            _watched.Add(broker.BrokerId, (broker.BrokerEpoch, stop, WatchAsync(broker.BrokerId, broker.BrokerEpoch, stop.Token)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, stop, watching) in _watched.Values)
        {
            await StopAsync(stop, watching);
        }

        _watched.Clear();
    }

    private static async Task StopAsync(CancellationTokenSource stop, Task watching)
    {
        await stop.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task WatchAsync(int brokerId, long brokerEpoch, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await probe.WhenDeadAsync(brokerId, brokerEpoch, _ => new(OthersThan(brokerId)), () => LogNotAgreed(logger, brokerId), cancellationToken);
                if (await registry.RemoveBrokerAsync(fence, brokerId, brokerEpoch, cancellationToken))
                {
                    LogRemoved(logger, brokerId, brokerEpoch);
                    return;
                }
            }
            catch (MetadataStoreException exception)
            {
                LogFailed(logger, exception, brokerId);
                await Task.Delay(TimeSpan.FromMilliseconds(configs.Broker.Get(BrokerConfigKeys.BrokerHeartbeatIntervalMs)), time, cancellationToken);
            }
        }
    }

    private IReadOnlyCollection<int> OthersThan(int brokerId) => [.. _brokers.Where(other => other != brokerId && other != controllerId)];

    [LoggerMessage(1, LogLevel.Warning, "Broker {BrokerId} does not answer, nor does it answer the others; its registration of epoch {BrokerEpoch} is removed")]
    private static partial void LogRemoved(ILogger logger, int brokerId, long brokerEpoch);

    [LoggerMessage(2, LogLevel.Warning, "Broker {BrokerId} does not answer the controller, but not enough of the others say the same; its session decides")]
    private static partial void LogNotAgreed(ILogger logger, int brokerId);

    [LoggerMessage(3, LogLevel.Warning, "The registration of broker {BrokerId}, which does not answer, could not be removed")]
    private static partial void LogFailed(ILogger logger, Exception exception, int brokerId);
}
