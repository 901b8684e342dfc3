using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The outcome of a read of one partition.</summary>
/// <param name="Error">The outcome; <see cref="ErrorCode.OffsetOutOfRange"/> comes with the valid range in the offsets below.</param>
/// <param name="ErrorMessage">What was wrong and what would be right; null on success.</param>
/// <param name="HighWatermark">The first offset that is not yet committed.</param>
/// <param name="LastStableOffset">The first offset that a read_committed reader may not see.</param>
/// <param name="LogStartOffset">The partition's first offset.</param>
/// <param name="LeaderEpoch">The leader epoch under which the answer was given.</param>
/// <param name="Records">Whole record batches, back to back; empty when nothing is there.</param>
/// <param name="PreferredReadReplica">The broker to read from instead, since it is nearer (KIP-392); -1 for this one.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.PartitionReadResponse")]
public sealed record PartitionReadResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] string? ErrorMessage,
    [property: Id(2)] long HighWatermark,
    [property: Id(3)] long LastStableOffset,
    [property: Id(4)] long LogStartOffset,
    [property: Id(5)] int LeaderEpoch,
    [property: Id(6)] ReadOnlyMemory<byte> Records,
    [property: Id(7)] int PreferredReadReplica = -1);
