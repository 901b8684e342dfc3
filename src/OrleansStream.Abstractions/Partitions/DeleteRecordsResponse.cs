using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The outcome of a DeleteRecords.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="LowWatermark">The partition's first offset after it.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.DeleteRecordsResponse")]
public sealed record DeleteRecordsResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] long LowWatermark);
