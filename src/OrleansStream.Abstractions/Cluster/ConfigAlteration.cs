using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Changes to the configuration of one resource (KIP-339).</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Changes">The changes, all or nothing.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ConfigAlteration")]
public sealed record ConfigAlteration(
    [property: Id(0)] ConfigResource Resource,
    [property: Id(1)] ConfigChange[] Changes);
