using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;
using OrleansStream.Core.Quotas;
using OrleansStream.Gateway.Connections;
using OrleansStream.Gateway.Quotas;
using OrleansStream.Gateway.Requests;

namespace OrleansStream.Gateway;

/// <summary>Follows what the broker says of quotas and connections, and applies it to the listener while it runs.</summary>
internal sealed partial class ListenerSettingsWatch(
    BrokerGrains grains, ClientThrottle throttle, ConnectionLimits limits, TimeProvider time, ILogger<ListenerSettingsWatch> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;

    /// <summary>Applies what holds now and begins to follow it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var version = await ApplyNextAsync(-1, cancellationToken);
        _following = Task.Run(() => FollowAsync(version, _stopping.Token), CancellationToken.None);
    }

    /// <summary>Stops following; may be called more than once.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task FollowAsync(long version, CancellationToken cancellationToken)
    {
        while (true)
        {
            version = await ApplyNextAsync(version, cancellationToken);
        }
    }

    /// <summary>Waits for another state than the known one, for a while at most, however often the call fails.</summary>
    private async Task<long> ApplyNextAsync(long known, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var settings = await grains.Broker.GetListenerSettingsAsync(known, cancellationToken).WaitAsync(cancellationToken);
                if (settings.Version != known)
                {
                    Apply(settings);
                }

                return settings.Version;
            }
            catch (Exception exception) when (GrainErrors.IsPassing(exception) && !cancellationToken.IsCancellationRequested)
            {
                LogUnavailable(logger, exception, RetryDelay);
            }

            await Task.Delay(RetryDelay, time, cancellationToken);
        }
    }

    private void Apply(ListenerSettings settings)
    {
        limits.Set(settings.MaxConnections, settings.MaxConnectionsPerIp);
        throttle.Use(QuotaTable.Create(settings.Quotas.Select(quota => (
            QuotaEntity.Create(quota.Entity.Select(part => (part.Type, part.Name))).Value,
            (IReadOnlyDictionary<string, double>)quota.Values.ToDictionary(value => value.Key, value => value.Value, StringComparer.Ordinal)))));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker's quotas and limits cannot be asked for; trying again in {Delay}")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, TimeSpan delay);
}
