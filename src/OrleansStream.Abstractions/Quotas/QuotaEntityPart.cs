using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A part of what a quota is for: a user, a client id or an address.</summary>
/// <param name="Type">Kafka's name for the type: <c>user</c>, <c>client-id</c> or <c>ip</c>.</param>
/// <param name="Name">The name; null for the default, which holds for all that have no quota of their own.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.QuotaEntityPart")]
public sealed record QuotaEntityPart(
    [property: Id(0)] string Type,
    [property: Id(1)] string? Name);
