using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Brokers;

namespace OrleansStream.Grains.Replication;

/// <summary>
/// Tells one leading broker what of its records is on disk here, while a fetch that said less waits there or is under way. One report at
/// a time carries all that has been flushed meanwhile. A report that is lost is made up for by the next fetch. Thread-safe.
/// </summary>
internal sealed partial class FlushReports(int leaderId, IBrokerGrain leader, BrokerState broker, ILogger logger)
{
    private readonly Lock _lock = new();

    /// <summary>The replicas whose flush is being waited for, and whether more has been appended meanwhile.</summary>
    private readonly Dictionary<TopicPartition, bool> _waiting = [];

    private readonly Dictionary<TopicPartition, ReplicaFlush> _unsent = [];
    private bool _isSending;

    /// <summary>Reports a replica once what it holds now is on disk. Returns at once.</summary>
    /// <param name="partition">The replica's partition.</param>
    /// <param name="whenFlushed">Completes when what the replica holds at the time of the call is on disk.</param>
    public void ReportWhenFlushed(TopicPartition partition, Func<Task<FollowerFlush>> whenFlushed)
    {
        lock (_lock)
        {
            if (!_waiting.TryAdd(partition, false))
            {
                _waiting[partition] = true;
                return;
            }
        }

        _ = WaitAsync(partition, whenFlushed);
    }

    private async Task WaitAsync(TopicPartition partition, Func<Task<FollowerFlush>> whenFlushed)
    {
        while (true)
        {
            try
            {
                if ((await whenFlushed()).Report is { } report)
                {
                    Queue(partition, report);
                }
            }
            catch (Exception exception)
            {
                // The next fetch of this replica meets what is wrong with it.
                LogNotFlushed(logger, exception, partition);
            }

            lock (_lock)
            {
                if (!_waiting[partition] || broker.Stopping.IsCancellationRequested)
                {
                    _waiting.Remove(partition);
                    return;
                }

                _waiting[partition] = false;
            }
        }
    }

    private void Queue(TopicPartition partition, ReplicaFlush flush)
    {
        lock (_lock)
        {
            _unsent[partition] = flush;
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        _ = SendAsync();
    }

    private async Task SendAsync()
    {
        while (true)
        {
            ReplicaFlushPartition[] partitions;
            lock (_lock)
            {
                _isSending = _unsent.Count > 0 && !broker.Stopping.IsCancellationRequested;
                if (!_isSending)
                {
                    return;
                }

                partitions = [.. _unsent.Select(entry => new ReplicaFlushPartition(
                    entry.Key.Topic, entry.Key.Partition, entry.Value.BrokerEpoch, entry.Value.LeaderEpoch, entry.Value.FlushedOffset))];
                _unsent.Clear();
            }

            try
            {
                await leader.ReportFlushedAsync(new ReplicaFlushReport(broker.BrokerId, partitions), broker.Stopping);
            }
            catch (Exception exception)
            {
                LogNotReported(logger, exception, leaderId);
            }
        }
    }

    [LoggerMessage(21, LogLevel.Debug, "Broker {LeaderId} could not be told what is on disk here; the next fetch tells it")]
    private static partial void LogNotReported(ILogger logger, Exception exception, int leaderId);

    [LoggerMessage(22, LogLevel.Debug, "What was copied of {Partition} could not be flushed")]
    private static partial void LogNotFlushed(ILogger logger, Exception exception, TopicPartition partition);
}
