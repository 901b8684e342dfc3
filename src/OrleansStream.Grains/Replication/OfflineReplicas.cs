using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Controllers;

namespace OrleansStream.Grains.Replication;

/// <summary>
/// Tells the controller of replicas whose disk has failed while the broker runs, so that others lead. Those without another replica are
/// not told: nobody else can lead, and who asks here hears what is wrong. Thread-safe.
/// </summary>
internal sealed partial class OfflineReplicas(
    BrokerState broker, ControllerClient controller, MetadataCache metadata, TimeProvider time, ILogger<OfflineReplicas> logger)
{
    /// <summary>How long outages are gathered for one report: a disk that fails takes many logs with it.</summary>
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<TopicPartition, byte> _waiting = new();
    private int _isReporting;

    /// <summary>A replica has gone offline.</summary>
    public void Report(TopicPartition partition)
    {
        // One that is not known yet may have others: the metadata comes after the word that opened it.
        if (metadata.Current.Find(partition) is not { Replicas.Length: 1 })
        {
            _waiting[partition] = 0;
            Begin();
        }
    }

    private void Begin()
    {
        if (Interlocked.Exchange(ref _isReporting, 1) == 0)
        {
            _ = Task.Run(ReportAsync);
        }
    }

    private async Task ReportAsync()
    {
        var pause = GatherTime;
        try
        {
            while (!_waiting.IsEmpty)
            {
                await Task.Delay(pause, time, broker.Stopping);
                pause = await ReportOnceAsync([.. _waiting.Keys]) ? GatherTime : RetryDelay;
            }
        }
        catch (OperationCanceledException) when (broker.Stopping.IsCancellationRequested)
        {
            // The controller hears of it at the next start.
            return;
        }
        finally
        {
            Volatile.Write(ref _isReporting, 0);
        }

        if (!_waiting.IsEmpty)
        {
            Begin();
        }
    }

    private async Task<bool> ReportOnceAsync(TopicPartition[] partitions)
    {
        try
        {
            var error = await controller.AskAsync(
                (grain, token) => grain.ReportOfflineReplicasAsync(broker.BrokerId, broker.BrokerEpoch, TopicPartitions.Group(partitions), token),
                error => error,
                TryTimeout,
                broker.Stopping);
            if (error == ErrorCode.None)
            {
                LogReported(logger, partitions.Length);
                foreach (var partition in partitions)
                {
                    _waiting.TryRemove(partition, out _);
                }
            }

            return error == ErrorCode.None;
        }
        catch (Exception exception) when (!broker.Stopping.IsCancellationRequested)
        {
            LogNotReported(logger, exception, partitions.Length);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The controller was told of {Count} replica(s) that are offline")]
    private static partial void LogReported(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Error, "The controller could not be told of {Count} replica(s) that are offline; trying again")]
    private static partial void LogNotReported(ILogger logger, Exception exception, int count);
}
