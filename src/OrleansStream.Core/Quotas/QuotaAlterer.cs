using System.Collections.Immutable;

namespace OrleansStream.Core.Quotas;

/// <summary>Applies changes to the quotas of an entity (KIP-546), all or nothing.</summary>
public static class QuotaAlterer
{
    /// <summary>What is stored for an entity after some changes. Stored values that are no quotas stay.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="stored">What is stored for it.</param>
    /// <param name="changes">The changes; a key may appear once.</param>
    /// <returns>What is to be stored, or <see cref="ErrorCode.InvalidRequest"/>.</returns>
    public static Outcome<ImmutableDictionary<string, string>> Alter(
        QuotaEntity entity, ImmutableDictionary<string, string> stored, IReadOnlyList<QuotaChange> changes)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(changes);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in changes)
        {
            if (!seen.Add(key))
            {
                return Outcome.Failure(ErrorCode.InvalidRequest, $"Duplicate quota key {key}: not updating the quota of {entity}");
            }

            if (value is null)
            {
                if (!QuotaKeys.Of(entity).Contains(key))
                {
                    return Outcome.Failure(
                        ErrorCode.InvalidRequest, $"Invalid configuration key {key}; {string.Join(", ", QuotaKeys.Of(entity))} can be removed from {entity}");
                }

                stored = stored.Remove(key);
                continue;
            }

            var text = QuotaKeys.Format(entity, key, value.Value);
            if (!text.IsSuccess)
            {
                return text.WithoutValue();
            }

            stored = stored.SetItem(key, text.Value);
        }

        return Outcome.Of(stored);
    }
}
