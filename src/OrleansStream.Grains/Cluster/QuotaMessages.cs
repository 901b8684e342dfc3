using OrleansStream.Abstractions;
using OrleansStream.Core.Quotas;

namespace OrleansStream.Grains.Cluster;

/// <summary>Quotas as messages.</summary>
internal static class QuotaMessages
{
    /// <summary>An entity with its quotas; null if it has none.</summary>
    public static ClientQuota? ToQuota(QuotaEntity entity, IReadOnlyDictionary<string, string> stored)
    {
        var values = QuotaKeys.Parse(entity, stored);
        return values.IsEmpty
            ? null
            : new ClientQuota(
                [.. entity.Parts.Select(part => new QuotaEntityPart(part.Type, part.Name))],
                [.. values.Select(value => new QuotaValue(value.Key, value.Value))]);
    }
}
