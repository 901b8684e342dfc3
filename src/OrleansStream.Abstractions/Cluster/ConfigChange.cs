using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A change to one entry.</summary>
/// <param name="Name">Kafka's key.</param>
/// <param name="Operation">What to do.</param>
/// <param name="Value">The value; null with <see cref="ConfigOperation.Delete"/>.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ConfigChange")]
public sealed record ConfigChange(
    [property: Id(0)] string Name,
    [property: Id(1)] ConfigOperation Operation,
    [property: Id(2)] string? Value);
