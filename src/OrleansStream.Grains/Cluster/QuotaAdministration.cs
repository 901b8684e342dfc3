using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;
using OrleansStream.Core;
using OrleansStream.Core.Quotas;

namespace OrleansStream.Grains.Cluster;

/// <summary>Describes and changes client quotas (KIP-546).</summary>
internal sealed partial class QuotaAdministration(ConfigService configs, ILogger<QuotaAdministration> logger)
{
    /// <summary>The quotas that a filter lets through, as they are in the store.</summary>
    public async Task<DescribeQuotasResponse> DescribeAsync(Abstractions.QuotaFilterPart[] parts, bool isStrict, CancellationToken cancellationToken)
    {
        var filter = QuotaFilter.Create(parts.Select(part => new Core.Quotas.QuotaFilterPart(part.Type, part.Match, part.Name)), isStrict);
        if (!filter.IsSuccess)
        {
            return new DescribeQuotasResponse(filter.Error, filter.Message, []);
        }

        var stored = await configs.Session.Quotas.ReadAllAsync(malformed => LogMalformed(logger, malformed), cancellationToken);
        return new DescribeQuotasResponse(
            ErrorCode.None,
            null,
            [.. stored.Where(quota => filter.Value.Matches(quota.Entity)).Select(quota => QuotaMessages.ToQuota(quota.Entity, quota.Values)).OfType<ClientQuota>()]);
    }

    /// <summary>Changes quotas, one entity after the other.</summary>
    public async Task<QuotaAlterationResult[]> AlterAsync(QuotaAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken)
    {
        var results = new QuotaAlterationResult[alterations.Length];
        var seen = new HashSet<QuotaEntity>();
        for (var i = 0; i < alterations.Length; i++)
        {
            var outcome = await AlterAsync(alterations[i], seen, validateOnly, cancellationToken);
            results[i] = new QuotaAlterationResult(alterations[i].Entity, outcome.Error, outcome.Message);
        }

        return results;
    }

    private async Task<Outcome> AlterAsync(QuotaAlteration alteration, HashSet<QuotaEntity> seen, bool validateOnly, CancellationToken cancellationToken)
    {
        var entity = QuotaEntity.Create(alteration.Entity.Select(part => (part.Type, part.Name)));
        if (!entity.IsSuccess)
        {
            return entity.WithoutValue();
        }

        if (!seen.Add(entity.Value))
        {
            return Outcome.Failure(ErrorCode.InvalidRequest, $"Ignoring duplicate entity {entity.Value}");
        }

        if (entity.Value.Ip is { Name: { } ip } && !await IsAddressAsync(ip, cancellationToken))
        {
            return Outcome.Failure(ErrorCode.InvalidRequest, $"{ip} is not a valid IP or resolvable host.");
        }

        var changes = alteration.Changes.Select(change => new QuotaChange(change.Key, change.Value)).ToArray();
        return validateOnly
            ? Alter(await configs.Session.Quotas.ReadAsync(entity.Value, cancellationToken)).WithoutValue()
            : await configs.Session.Quotas.AlterAsync(entity.Value, Alter, cancellationToken);

        Outcome<ImmutableDictionary<string, string>> Alter(ImmutableDictionary<string, string> stored) => QuotaAlterer.Alter(entity.Value, stored, changes);
    }

    private static async Task<bool> IsAddressAsync(string text, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(text, out _))
        {
            return true;
        }

        try
        {
            return (await Dns.GetHostAddressesAsync(text, cancellationToken)).Length > 0;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Quotas are left out of a description")]
    private static partial void LogMalformed(ILogger logger, Exception exception);
}
