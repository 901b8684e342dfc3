using OrleansStream.Core.Configuration;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Replication;

/// <summary>Has leaders look for followers that lag, twice in the time that they may (<c>replica.lag.time.max.ms</c>).</summary>
internal sealed class IsrCheck(HostedPartitions hosted, ITopicConfigs configs, TimeProvider time)
{
    /// <summary>Runs until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var period = Math.Max(1, configs.Broker.Get(BrokerConfigKeys.ReplicaLagTimeMaxMs) / 2);
            await Task.Delay(TimeSpan.FromMilliseconds(period), time, cancellationToken);
            await Task.WhenAll(hosted.Snapshot().Where(partition => partition.LeadingEpoch >= 0).Select(partition => partition.CheckIsrAsync()));
        }
    }
}
