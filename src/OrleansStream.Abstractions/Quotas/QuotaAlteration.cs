using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Changes to the quotas of one entity (KIP-546).</summary>
/// <param name="Entity">What they are for.</param>
/// <param name="Changes">The changes, all or nothing; a key may appear once.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.QuotaAlteration")]
public sealed record QuotaAlteration(
    [property: Id(0)] QuotaEntityPart[] Entity,
    [property: Id(1)] QuotaValueChange[] Changes);
