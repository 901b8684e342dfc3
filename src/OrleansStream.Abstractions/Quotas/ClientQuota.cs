using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The quotas of one entity.</summary>
/// <param name="Entity">What they are for: a user, a client id, both, or an address.</param>
/// <param name="Values">The quotas, in order of their keys.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ClientQuota")]
public sealed record ClientQuota(
    [property: Id(0)] QuotaEntityPart[] Entity,
    [property: Id(1)] QuotaValue[] Values);
