using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A producer id.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="ErrorMessage">What was wrong; null on success.</param>
/// <param name="ProducerId">The producer id.</param>
/// <param name="ProducerEpoch">The epoch to write with.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.InitProducerIdResponse")]
public sealed record InitProducerIdResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] string? ErrorMessage,
    [property: Id(2)] long ProducerId,
    [property: Id(3)] short ProducerEpoch);
