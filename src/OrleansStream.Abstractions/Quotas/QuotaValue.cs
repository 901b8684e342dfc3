using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A quota.</summary>
/// <param name="Key">Kafka's key: <c>producer_byte_rate</c>, <c>consumer_byte_rate</c> and the like.</param>
/// <param name="Value">The most that is allowed, in the key's unit.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.QuotaValue")]
public sealed record QuotaValue(
    [property: Id(0)] string Key,
    [property: Id(1)] double Value);
