using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Where the coordinator of a group is.</summary>
/// <param name="Key">The group's id.</param>
/// <param name="Error">None; <see cref="ErrorCode.CoordinatorNotAvailable"/> when it is not known yet: try again.</param>
/// <param name="ErrorMessage">What was wrong; null on success.</param>
/// <param name="Partition">The partition of the coordinator's topic, -1 if unknown.</param>
/// <param name="BrokerId">The broker, -1 if unknown.</param>
/// <param name="Host">The broker's advertised host.</param>
/// <param name="KafkaPort">The port of its Kafka listener, -1 if unknown.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.CoordinatorLocation")]
public sealed record CoordinatorLocation(
    [property: Id(0)] string Key,
    [property: Id(1)] ErrorCode Error,
    [property: Id(2)] string? ErrorMessage,
    [property: Id(3)] int Partition,
    [property: Id(4)] int BrokerId,
    [property: Id(5)] string Host,
    [property: Id(6)] int KafkaPort);
