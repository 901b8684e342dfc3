using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Something that has a configuration.</summary>
/// <param name="Type">Topic or broker.</param>
/// <param name="Name">The topic's name or the broker id; an empty broker name is the cluster-wide default.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ConfigResource")]
public sealed record ConfigResource(
    [property: Id(0)] ConfigResourceType Type,
    [property: Id(1)] string Name);
