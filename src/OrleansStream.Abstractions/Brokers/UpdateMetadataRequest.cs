using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The cluster's metadata, from the controller to one broker.</summary>
/// <param name="ControllerId">The controller's broker id.</param>
/// <param name="ControllerEpoch">The controller's epoch; an older one is refused with <see cref="ErrorCode.StaleControllerEpoch"/>.</param>
/// <param name="BrokerEpoch">The epoch of the broker that is meant.</param>
/// <param name="Metadata">The metadata; with <paramref name="IsFull"/> it replaces what the broker has, else its topics are merged in.</param>
/// <param name="IsFull">Whether this is everything.</param>
/// <param name="DeletedTopics">Topics to forget.</param>
/// <param name="Number">The request's place among those of this controller epoch; one that comes after a later one is refused with <see cref="ErrorCode.InvalidUpdateVersion"/>.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.UpdateMetadataRequest")]
public sealed record UpdateMetadataRequest(
    [property: Id(0)] int ControllerId,
    [property: Id(1)] int ControllerEpoch,
    [property: Id(2)] long BrokerEpoch,
    [property: Id(3)] ClusterMetadata Metadata,
    [property: Id(4)] bool IsFull,
    [property: Id(5)] string[] DeletedTopics,
    [property: Id(6)] long Number = 0);
