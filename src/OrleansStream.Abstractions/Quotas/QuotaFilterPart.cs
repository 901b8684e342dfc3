using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>What is asked of one part of an entity.</summary>
/// <param name="Type">The type of the part, as in <see cref="QuotaEntityPart"/>.</param>
/// <param name="Match">What it must be.</param>
/// <param name="Name">Its name with <see cref="QuotaMatch.Exact"/>, else null.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.QuotaFilterPart")]
public sealed record QuotaFilterPart(
    [property: Id(0)] string Type,
    [property: Id(1)] QuotaMatch Match,
    [property: Id(2)] string? Name);
