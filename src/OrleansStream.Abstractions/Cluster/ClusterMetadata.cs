using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The cluster as a broker knows it.</summary>
/// <param name="ClusterId">The cluster's id.</param>
/// <param name="ControllerId">The controller's broker id, -1 if there is none.</param>
/// <param name="Brokers">The brokers that are alive.</param>
/// <param name="Topics">The topics that were asked for.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ClusterMetadata")]
public sealed record ClusterMetadata(
    [property: Id(0)] string ClusterId,
    [property: Id(1)] int ControllerId,
    [property: Id(2)] BrokerMetadata[] Brokers,
    [property: Id(3)] TopicMetadata[] Topics);
