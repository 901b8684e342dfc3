using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrleansStream.Client;

/// <summary>
/// Keeps a handler at work for as long as the host runs: after a failure, of the handler's or of the cluster's, it starts again
/// with a consumer of its own, from what was committed.
/// </summary>
internal sealed partial class GroupHandlerService<THandler, TKey, TValue>(
    OrleansStreamClient client,
    IServiceScopeFactory scopes,
    IOptionsMonitor<GroupHandlerOptions<TKey, TValue>> options,
    TimeProvider time,
    ILogger<THandler> logger) : BackgroundService
    where THandler : class, IConsumerGroupHandler<TKey, TValue>
{
    /// <summary>The name of the handler's options.</summary>
    public static string OptionsName { get; } = typeof(THandler).FullName ?? typeof(THandler).Name;

    private GroupHandlerOptions<TKey, TValue> Options => options.Get(OptionsName);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // A wrong option ends the start of the host; it is no failure to wait for the end of.
        var rules = new OptionRules("GroupHandler");
        rules.Check(!string.IsNullOrEmpty(Options.GroupId), nameof(Options.GroupId), Options.GroupId, "must be set");
        rules.Check(Options.Topics.Count > 0 != Options.TopicPattern is not null, nameof(Options.Topics), string.Join(", ", Options.Topics), "must name a topic, or TopicPattern must be set, and not both");
        rules.Positive(nameof(Options.RestartDelay), Options.RestartDelay);
        rules.ThrowIfBroken();
        ConsumerOptionsValidator.Validate(Options);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var backoff = new RetryBackoff(Options.RestartDelay, Options.LongestRestartDelay);
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            try
            {
                await RunAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it is: it is logged, and the handler starts again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (time.GetElapsedTime(started) > Options.LongestRestartDelay)
                {
                    backoff.Reset();
                }

                var pause = backoff.Next();
                LogFailed(logger, Options.GroupId!, pause, exception);
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        foreach (var topic in Options.EnsureTopics)
        {
            await client.Admin.EnsureTopicAsync(topic, stoppingToken).ConfigureAwait(false);
        }

        var scope = scopes.CreateAsyncScope();
        await using var scopeDisposal = scope.ConfigureAwait(false);
        var handler = ActivatorUtilities.GetServiceOrCreateInstance<THandler>(scope.ServiceProvider);
        var consumer = client.CreateConsumer<TKey, TValue>(Options);
        await using var consumerDisposal = consumer.ConfigureAwait(false);
        if (Options.TopicPattern is { } pattern)
        {
            consumer.Subscribe(pattern);
        }
        else
        {
            consumer.Subscribe(Options.Topics);
        }

        await consumer.ConsumeClaimsAsync(handler, stoppingToken).ConfigureAwait(false);
    }

    [LoggerMessage(401, LogLevel.Error, "The handler of group {GroupId} has failed and starts again in {Pause}")]
    private static partial void LogFailed(ILogger logger, string groupId, TimeSpan pause, Exception exception);
}
