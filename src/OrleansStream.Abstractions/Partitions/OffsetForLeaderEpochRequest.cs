using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Asks where a leader epoch ends.</summary>
/// <param name="LeaderEpoch">The epoch asked for.</param>
/// <param name="CurrentLeaderEpoch">The epoch that the caller knows, -1 to skip the check.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetForLeaderEpochRequest")]
public sealed record OffsetForLeaderEpochRequest(
    [property: Id(0)] int LeaderEpoch,
    [property: Id(1)] int CurrentLeaderEpoch);
