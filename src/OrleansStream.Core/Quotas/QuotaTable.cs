using System.Collections.Frozen;

namespace OrleansStream.Core.Quotas;

/// <summary>The quotas that are set, and which of them holds for a client. Immutable.</summary>
public sealed class QuotaTable
{
    private readonly FrozenDictionary<QuotaEntity, double>[] _limits;

    private QuotaTable(FrozenDictionary<QuotaEntity, double>[] limits) => _limits = limits;

    /// <summary>No quotas.</summary>
    public static QuotaTable Empty { get; } = Create([]);

    /// <summary>Makes a table of all quotas that are set; keys that are not metered are passed over.</summary>
    public static QuotaTable Create(IEnumerable<(QuotaEntity Entity, IReadOnlyDictionary<string, double> Values)> quotas)
    {
        var all = quotas.ToArray();
        return new QuotaTable([Of(QuotaKeys.ProducerByteRate), Of(QuotaKeys.ConsumerByteRate)]);

        FrozenDictionary<QuotaEntity, double> Of(string key)
            => all.Where(quota => quota.Values.ContainsKey(key)).ToFrozenDictionary(quota => quota.Entity, quota => quota.Values[key]);
    }

    /// <summary>Whether anybody has a quota of the kind.</summary>
    public bool HasAny(QuotaKind kind) => _limits[(int)kind].Count > 0;

    /// <summary>
    /// The quota of a client, the most specific one that is set (KIP-257): user and client id, user and default client id, user; default user
    /// and client id, default user and default client id, default user; client id, default client id.
    /// </summary>
    /// <param name="kind">What is metered.</param>
    /// <param name="user">The user.</param>
    /// <param name="clientId">The client id; a client without one has the quotas of its user only, as in Kafka.</param>
    /// <returns>The quota; null if there is none.</returns>
    public QuotaLimit? Find(QuotaKind kind, string user, string? clientId)
    {
        var limits = _limits[(int)kind];
        if (limits.Count == 0)
        {
            return null;
        }

        QuotaName? client = string.IsNullOrEmpty(clientId) ? null : new QuotaName(clientId);
        foreach (var userName in (ReadOnlySpan<QuotaName>)[new QuotaName(user), QuotaName.Default])
        {
            if (client is not null
                && (limits.TryGetValue(new QuotaEntity(userName, client, null), out var limit)
                    || limits.TryGetValue(new QuotaEntity(userName, QuotaName.Default, null), out limit)))
            {
                return new QuotaLimit(new QuotaBucket(user, clientId), limit);
            }

            if (limits.TryGetValue(new QuotaEntity(userName, null, null), out limit))
            {
                return new QuotaLimit(new QuotaBucket(user, null), limit);
            }
        }

        return client is not null
            && (limits.TryGetValue(new QuotaEntity(null, client, null), out var ofClient)
                || limits.TryGetValue(new QuotaEntity(null, QuotaName.Default, null), out ofClient))
                ? new QuotaLimit(new QuotaBucket(null, clientId), ofClient)
                : null;
    }
}
