using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Quotas;
using OrleansStream.Metadata.Layout;

namespace OrleansStream.Grains.Cluster;

/// <content>Client quotas, and what else the broker's listeners are told of.</content>
internal sealed partial class ConfigService
{
    private ImmutableDictionary<QuotaEntity, ClientQuota> _quotas = ImmutableDictionary<QuotaEntity, ClientQuota>.Empty;

    private async Task LoadQuotasAsync(CancellationToken cancellationToken)
    {
        var quotas = ImmutableDictionary.CreateBuilder<QuotaEntity, ClientQuota>();
        foreach (var (entity, stored) in await Session.Quotas.ReadAllAsync(malformed => LogMalformed(_logger, malformed), cancellationToken))
        {
            if (QuotaMessages.ToQuota(entity, stored) is { } quota)
            {
                quotas[entity] = quota;
            }
        }

        _quotas = quotas.ToImmutable();
    }

    private async Task LoadQuotaAsync(QuotaEntity entity, CancellationToken cancellationToken)
    {
        var quota = QuotaMessages.ToQuota(entity, await Session.Quotas.ReadAsync(entity, cancellationToken));
        _quotas = quota is null ? _quotas.Remove(entity) : _quotas.SetItem(entity, quota);
        TellListeners();
    }

    private void TellListeners()
        => _listeners.Publish(
            [.. _quotas.Values], _broker.Get(BrokerConfigKeys.MaxConnections), _broker.Get(BrokerConfigKeys.MaxConnectionsPerIp));

    [LoggerMessage(3, LogLevel.Error, "A stored configuration cannot be read; what was in force before stays")]
    private static partial void LogMalformed(ILogger logger, ZNodeFormatException exception);
}
