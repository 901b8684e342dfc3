using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Where a leader epoch ends.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="LeaderEpoch">The largest epoch of the log that is not above the one asked for; -1 if there is none.</param>
/// <param name="EndOffset">The first offset after that epoch; -1 if there is none.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetForLeaderEpochResponse")]
public sealed record OffsetForLeaderEpochResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] int LeaderEpoch,
    [property: Id(2)] long EndOffset);
