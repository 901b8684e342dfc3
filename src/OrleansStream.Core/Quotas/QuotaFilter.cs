using System.Collections.Immutable;

namespace OrleansStream.Core.Quotas;

/// <summary>Which entities somebody asks for (KIP-546).</summary>
public sealed class QuotaFilter
{
    private readonly ImmutableArray<QuotaFilterPart> _parts;
    private readonly bool _isStrict;

    private QuotaFilter(ImmutableArray<QuotaFilterPart> parts, bool isStrict)
    {
        _parts = parts;
        _isStrict = isStrict;
    }

    /// <summary>Makes a filter.</summary>
    /// <param name="parts">What the entities must have; none lets all through unless the filter is strict.</param>
    /// <param name="isStrict">Whether entities may have nothing else.</param>
    /// <returns>The filter, <see cref="ErrorCode.InvalidRequest"/>, or <see cref="ErrorCode.UnsupportedVersion"/> for an unknown type of entity, as in Kafka.</returns>
    public static Outcome<QuotaFilter> Create(IEnumerable<QuotaFilterPart> parts, bool isStrict)
    {
        ImmutableArray<QuotaFilterPart> all = [.. parts];
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in all)
        {
            var problem = Check(part, types);
            if (!problem.IsSuccess)
            {
                return problem;
            }
        }

        return types.Contains(QuotaEntity.IpType) && types.Count > 1
            ? Outcome.Failure(ErrorCode.InvalidRequest, "Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.")
            : Outcome.Of(new QuotaFilter(all, isStrict));
    }

    /// <summary>Whether an entity is asked for.</summary>
    public bool Matches(QuotaEntity entity)
    {
        if (_isStrict && entity.Parts.Count() != _parts.Length)
        {
            return false;
        }

        foreach (var part in _parts)
        {
            if (entity.Find(part.Type) is not { } name || (part.Match != QuotaMatch.Any && name.Name != part.Name))
            {
                return false;
            }
        }

        return true;
    }

    private static Outcome Check(QuotaFilterPart part, HashSet<string> types)
    {
        if (part.Type.Length == 0)
        {
            return Outcome.Failure(ErrorCode.InvalidRequest, "Invalid empty entity type.");
        }

        if (!types.Add(part.Type))
        {
            return Outcome.Failure(ErrorCode.InvalidRequest, $"Entity type {part.Type} cannot appear more than once in the filter.");
        }

        if (part.Type is not (QuotaEntity.UserType or QuotaEntity.ClientIdType or QuotaEntity.IpType))
        {
            return Outcome.Failure(ErrorCode.UnsupportedVersion, $"Unsupported entity type {part.Type}; user, client-id and ip are known.");
        }

        return part.Match switch
        {
            QuotaMatch.Exact => part.Name is null ? Outcome.Failure(ErrorCode.InvalidRequest, $"The filter asks for a {part.Type} by name and gives none.") : Outcome.Success,
            QuotaMatch.Default or QuotaMatch.Any => part.Name is null
                ? Outcome.Success
                : Outcome.Failure(ErrorCode.InvalidRequest, $"The filter asks for {(part.Match == QuotaMatch.Any ? "any" : "the default")} {part.Type} and gives the name '{part.Name}'."),
            _ => Outcome.Failure(ErrorCode.InvalidRequest, $"Unknown match type {(byte)part.Match}; 0 to 2 are known."),
        };
    }
}
