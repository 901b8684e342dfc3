using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A search for an offset.</summary>
/// <param name="Timestamp">Unix milliseconds, or one of <see cref="ListOffsetTimestamps"/>.</param>
/// <param name="CurrentLeaderEpoch">The epoch that the caller knows, -1 to skip the check.</param>
/// <param name="IsolationLevel">Whether "latest" means the high watermark or the last stable offset.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ListOffsetRequest")]
public sealed record ListOffsetRequest(
    [property: Id(0)] long Timestamp,
    [property: Id(1)] int CurrentLeaderEpoch,
    [property: Id(2)] IsolationLevel IsolationLevel);
