using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Asks for metadata.</summary>
/// <param name="Topics">The topics' names; null means all, empty means none.</param>
/// <param name="AllowAutoTopicCreation">Whether an unknown topic may be created, if the broker allows it (<c>auto.create.topics.enable</c>).</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.MetadataRequest")]
public sealed record MetadataRequest(
    [property: Id(0)] string[]? Topics,
    [property: Id(1)] bool AllowAutoTopicCreation);
