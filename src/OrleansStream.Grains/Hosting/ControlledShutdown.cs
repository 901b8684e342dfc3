using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Controllers;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Hosting;

/// <summary>
/// The first thing that a broker does when it is told to stop, while all its listeners still serve: it asks the controller to move its
/// leaderships to other replicas in sync, and waits until it has heard that they are moved.
/// </summary>
internal sealed partial class ControlledShutdown(
    BrokerState broker,
    ControllerClient controller,
    ConfigService configs,
    HostedPartitions hosted,
    MetadataCache metadata,
    IClusterMembershipService membership,
    ILocalSiloDetails silo,
    TimeProvider time,
    ILogger<ControlledShutdown> logger) : IHostedLifecycleService
{
    /// <summary>How long one try may take, the search for a controller included.</summary>
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long the controller's word may take to this broker after the controller's answer.</summary>
    private static readonly TimeSpan WordPatience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (!configs.Broker.Get(BrokerConfigKeys.ControlledShutdownEnable) || !IsMemberInOffice() || metadata.Current.Brokers.Length < 2)
        {
            return;
        }

        broker.BeginLeaving();
        try
        {
            await HandOverAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            // The broker stops all the same; the controller reacts to the end of its session.
            LogFailed(logger, exception);
        }
    }

    /// <summary>One that never served, has failed, or was declared dead has nothing to hand over, or nobody who would listen.</summary>
    private bool IsMemberInOffice()
        => broker.WhenServing.IsCompletedSuccessfully
            && membership.CurrentSnapshot.Members.TryGetValue(silo.SiloAddress, out var self)
            && self.Status == SiloStatus.Active;

    private async Task HandOverAsync(CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var retries = configs.Broker.Get(BrokerConfigKeys.ControlledShutdownMaxRetries);
        var backoff = TimeSpan.FromMilliseconds(configs.Broker.Get(BrokerConfigKeys.ControlledShutdownRetryBackoffMs));
        for (var i = 0; i <= retries; i++)
        {
            var answer = await controller.AskAsync(
                (grain, token) => grain.ControlledShutdownAsync(broker.BrokerId, broker.BrokerEpoch, token), answer => answer.Error, TryTimeout, cancellationToken);
            if (answer.Error == ErrorCode.None && answer.Remaining.Length == 0)
            {
                await WhenNothingElseIsLedAsync(TopicPartitions.Flatten(answer.Kept).ToHashSet(), cancellationToken);
                LogHandedOver(logger, time.GetElapsedTime(begun), answer.Kept.Sum(topic => topic.Partitions.Length));
                return;
            }

            LogRemaining(logger, answer.Error, answer.Remaining.Sum(topic => topic.Partitions.Length), backoff);
            if (i < retries)
            {
                await Task.Delay(backoff, time, cancellationToken);
            }
        }
    }

    private async Task WhenNothingElseIsLedAsync(HashSet<TopicPartition> kept, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (hosted.Snapshot().Any(partition => partition.LeadingEpoch >= 0 && !kept.Contains(partition.TopicPartition))
            && time.GetElapsedTime(begun) < WordPatience)
        {
            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The broker's leaderships were handed over in {Elapsed}; {Kept} are of partitions that nobody else can lead")]
    private static partial void LogHandedOver(ILogger logger, TimeSpan elapsed, int kept);

    [LoggerMessage(2, LogLevel.Warning, "Not all leaderships could be handed over ({Error}): {Count} partitions are left; asking again in {Backoff}")]
    private static partial void LogRemaining(ILogger logger, ErrorCode error, int count, TimeSpan backoff);

    [LoggerMessage(3, LogLevel.Warning, "The broker stops without having handed its leaderships over")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
