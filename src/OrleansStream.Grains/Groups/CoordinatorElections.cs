using Microsoft.Extensions.Logging;
using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Core.Topics;
using OrleansStream.Grains.Brokers;

namespace OrleansStream.Grains.Groups;

/// <summary>Tells coordinators when this broker begins or ceases to lead their partitions. Thread-safe.</summary>
internal sealed partial class CoordinatorElections(IGrainFactory grains, BrokerState broker, ILogger<CoordinatorElections> logger)
{
    /// <summary>A partition is led from here, or in another epoch, or not any more. Waits for nothing.</summary>
    public void OnLeadershipChanged(TopicPartition partition)
    {
        if (partition.Topic == InternalTopics.ConsumerOffsets && !broker.Stopping.IsCancellationRequested)
        {
            _ = TellAsync(partition);
        }
    }

    private async Task TellAsync(TopicPartition partition)
    {
        try
        {
            var key = new GroupCoordinatorKey(partition.Partition, broker.BrokerId);
            await grains.GetGrain<IGroupCoordinatorGrain>(key.ToString()).OnLeadershipChangedAsync();
        }
        catch (Exception exception)
        {
            // The first request finds out by itself.
            if (!broker.Stopping.IsCancellationRequested)
            {
                LogNotTold(logger, exception, partition);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The coordinator of {Partition} could not be told who leads")]
    private static partial void LogNotTold(ILogger logger, Exception exception, TopicPartition partition);
}
