using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The outcome of a <see cref="QuotaAlteration"/>.</summary>
/// <param name="Entity">The entity as it was given.</param>
/// <param name="Error">The outcome.</param>
/// <param name="ErrorMessage">What was wrong, with the value, and what would be right; null on success.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.QuotaAlterationResult")]
public sealed record QuotaAlterationResult(
    [property: Id(0)] QuotaEntityPart[] Entity,
    [property: Id(1)] ErrorCode Error,
    [property: Id(2)] string? ErrorMessage);
