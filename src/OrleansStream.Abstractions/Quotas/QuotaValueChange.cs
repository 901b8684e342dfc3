using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A change to one quota.</summary>
/// <param name="Key">Kafka's key.</param>
/// <param name="Value">The new value; null removes it.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.QuotaValueChange")]
public sealed record QuotaValueChange(
    [property: Id(0)] string Key,
    [property: Id(1)] double? Value);
