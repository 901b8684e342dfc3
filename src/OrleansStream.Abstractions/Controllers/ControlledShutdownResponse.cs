using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>What became of a broker's leaderships.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, <see cref="ErrorCode.NotController"/>, <see cref="ErrorCode.BrokerNotAvailable"/> or <see cref="ErrorCode.StaleBrokerEpoch"/>.</param>
/// <param name="Remaining">Partitions that the broker still leads although another replica is alive: it may come into sync.</param>
/// <param name="Kept">Partitions that the broker goes on to lead for now; the remaining ones included.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ControlledShutdownResponse")]
public sealed record ControlledShutdownResponse(
    [property: Id(0)] ErrorCode Error, [property: Id(1)] TopicPartitions[] Remaining, [property: Id(2)] TopicPartitions[] Kept);
