using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The outcome of a LeaderAndIsr or StopReplica request.</summary>
/// <param name="Error">The outcome of the request as a whole.</param>
/// <param name="Partitions">The outcome of each partition, in the request's order; empty when the whole was refused.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.LeaderAndIsrResponse")]
public sealed record LeaderAndIsrResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] ErrorCode[] Partitions);
