using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Asks for topics to be created.</summary>
/// <param name="Topics">The topics.</param>
/// <param name="ValidateOnly">Only say whether it would work.</param>
/// <param name="TimeoutMs">How long to wait until the topics are usable.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.CreateTopicsRequest")]
public sealed record CreateTopicsRequest(
    [property: Id(0)] CreatableTopic[] Topics,
    [property: Id(1)] bool ValidateOnly,
    [property: Id(2)] int TimeoutMs);
