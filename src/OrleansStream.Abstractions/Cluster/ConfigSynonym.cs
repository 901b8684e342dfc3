using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>One of the values that an entry of a configuration can take its own from.</summary>
/// <param name="Name">The key that the value stands under; a topic's entry takes its value from keys of the broker too.</param>
/// <param name="Value">The value; null if it is sensitive.</param>
/// <param name="Source">Where it is set.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ConfigSynonym")]
public sealed record ConfigSynonym(
    [property: Id(0)] string Name,
    [property: Id(1)] string? Value,
    [property: Id(2)] ConfigSource Source);
