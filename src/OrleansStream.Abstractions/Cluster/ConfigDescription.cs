using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The configuration of one resource.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Error">The outcome.</param>
/// <param name="ErrorMessage">What was wrong; null on success.</param>
/// <param name="Entries">The entries in order of their name.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ConfigDescription")]
public sealed record ConfigDescription(
    [property: Id(0)] ConfigResource Resource,
    [property: Id(1)] ErrorCode Error,
    [property: Id(2)] string? ErrorMessage,
    [property: Id(3)] ConfigEntry[] Entries);
