using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The offset found.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="Offset">The offset; -1 when no record is at or after the timestamp.</param>
/// <param name="Timestamp">The found record's timestamp in Unix milliseconds; -1 for earliest and latest.</param>
/// <param name="LeaderEpoch">The leader epoch of the found offset, -1 if unknown.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ListOffsetResponse")]
public sealed record ListOffsetResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] long Offset,
    [property: Id(2)] long Timestamp,
    [property: Id(3)] int LeaderEpoch);
