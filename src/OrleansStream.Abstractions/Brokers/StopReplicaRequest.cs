using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Tells one broker to stop replicas.</summary>
/// <param name="ControllerId">The controller's broker id.</param>
/// <param name="ControllerEpoch">The controller's epoch.</param>
/// <param name="BrokerEpoch">The epoch of the broker that is meant.</param>
/// <param name="Partitions">The partitions to stop.</param>
/// <param name="Number">The request's place among those of this controller epoch; one that comes after a later one is refused with <see cref="ErrorCode.InvalidUpdateVersion"/>.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.StopReplicaRequest")]
public sealed record StopReplicaRequest(
    [property: Id(0)] int ControllerId,
    [property: Id(1)] int ControllerEpoch,
    [property: Id(2)] long BrokerEpoch,
    [property: Id(3)] StopReplicaPartition[] Partitions,
    [property: Id(4)] long Number = 0);
