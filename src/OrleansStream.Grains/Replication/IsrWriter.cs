using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansStream.Core.Controller;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Metadata;

namespace OrleansStream.Grains.Replication;

/// <summary>Writes the ISRs that leaders wish for to the metadata store, and tells the controller of those that were taken. Thread-safe.</summary>
internal sealed partial class IsrWriter(ConfigService store, BrokerState broker, TimeProvider time, ILogger<IsrWriter> logger)
{
    /// <summary>How long changes are gathered for one notification.</summary>
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<TopicPartition, byte> _changed = new();
    private readonly CancellationToken _stopping = broker.Stopping;
    private int _isNotifying;

    /// <summary>Writes a proposal, as often as it takes to know what became of it.</summary>
    /// <returns>The state as it then is (null if there is none any more), and whether it is the proposal.</returns>
    public async Task<(bool IsWritten, PartitionState? Current)> WriteAsync(TopicPartition partition, IsrProposal proposal, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await store.Session.Topics.TryUpdateIsrAsync(partition, proposal.State, proposal.PartitionEpoch, cancellationToken) is { } written)
                {
                    LogChanged(logger, partition, proposal.State);
                    Notify(partition);
                    return (true, written);
                }

                var current = (await store.Session.Topics.ReadStatesAsync([partition], cancellationToken)).GetValueOrDefault(partition);
                if (current?.LeaderAndIsr == proposal.State)
                {
                    Notify(partition);
                }

                return (false, current);
            }
            catch (Exception exception) when (exception is MetadataStoreException or ObjectDisposedException)
            {
                // Also in another session: the version that the proposal replaces says whether it still counts.
                LogFailed(logger, exception, partition, RetryDelay);
            }

            await Task.Delay(RetryDelay, time, cancellationToken);
        }
    }

    private void Notify(TopicPartition partition)
    {
        _changed[partition] = 0;
        if (Interlocked.Exchange(ref _isNotifying, 1) == 0)
        {
            _ = NotifyAsync();
        }
    }

    private async Task NotifyAsync()
    {
        await Task.Delay(GatherTime, time);
        Volatile.Write(ref _isNotifying, 0);
        var partitions = _changed.Keys.Where(partition => _changed.TryRemove(partition, out _)).Order().ToArray();
        while (partitions.Length > 0 && !_stopping.IsCancellationRequested)
        {
            try
            {
                await store.Session.Topics.NotifyIsrChangeAsync(partitions, CancellationToken.None);
                return;
            }
            catch (Exception exception) when (exception is MetadataStoreException or ObjectDisposedException)
            {
                // Twice does no harm. Never, and a reassignment that only waits for this ISR would wait for ever.
                LogNotNotified(logger, exception, partitions.Length, RetryDelay);
            }

            await Task.Delay(RetryDelay, time, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Partition}: {State}")]
    private static partial void LogChanged(ILogger logger, TopicPartition partition, LeaderAndIsr state);

    [LoggerMessage(2, LogLevel.Warning, "The ISR of {Partition} could not be written; trying again in {Delay}")]
    private static partial void LogFailed(ILogger logger, Exception exception, TopicPartition partition, TimeSpan delay);

    [LoggerMessage(3, LogLevel.Warning, "The controller could not be told of {Count} changed ISR(s); trying again in {Delay}")]
    private static partial void LogNotNotified(ILogger logger, Exception exception, int count, TimeSpan delay);
}
