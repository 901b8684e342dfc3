using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The controller's word to one broker on some partitions.</summary>
/// <param name="ControllerId">The controller's broker id.</param>
/// <param name="ControllerEpoch">The controller's epoch; an older one is refused with <see cref="ErrorCode.StaleControllerEpoch"/>.</param>
/// <param name="BrokerEpoch">The epoch of the broker that is meant; another one is refused with <see cref="ErrorCode.StaleBrokerEpoch"/> (KIP-380).</param>
/// <param name="Partitions">The partitions.</param>
/// <param name="Number">The request's place among those of this controller epoch; one that comes after a later one is refused with <see cref="ErrorCode.InvalidUpdateVersion"/>.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.LeaderAndIsrRequest")]
public sealed record LeaderAndIsrRequest(
    [property: Id(0)] int ControllerId,
    [property: Id(1)] int ControllerEpoch,
    [property: Id(2)] long BrokerEpoch,
    [property: Id(3)] LeaderAndIsrPartition[] Partitions,
    [property: Id(4)] long Number = 0);
