using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>One entry of a configuration.</summary>
/// <param name="Name">Kafka's key.</param>
/// <param name="Value">The value in force; null if it is sensitive.</param>
/// <param name="Source">Where the value comes from.</param>
/// <param name="IsReadOnly">Whether it can be changed while the broker runs.</param>
/// <param name="IsSensitive">Whether the value is a secret.</param>
/// <param name="Type">The value's type.</param>
/// <param name="Documentation">What it means.</param>
/// <param name="Synonyms">
/// All values that there are for the entry, the one in force first: what it falls back to when that one is removed. Null if unknown.
/// </param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ConfigEntry")]
public sealed record ConfigEntry(
    [property: Id(0)] string Name,
    [property: Id(1)] string? Value,
    [property: Id(2)] ConfigSource Source,
    [property: Id(3)] bool IsReadOnly,
    [property: Id(4)] bool IsSensitive,
    [property: Id(5)] ConfigValueType Type,
    [property: Id(6)] string Documentation,
    [property: Id(7)] ConfigSynonym[]? Synonyms = null);
