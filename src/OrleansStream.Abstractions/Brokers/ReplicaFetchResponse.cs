using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The answer to a <see cref="ReplicaFetchRequest"/>.</summary>
/// <param name="Partitions">One answer for each partition asked for, in the request's order.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ReplicaFetchResponse")]
public sealed record ReplicaFetchResponse([property: Id(0)] ReplicaFetchPartitionResponse[] Partitions);

/// <summary>The answer for one partition of a <see cref="ReplicaFetchRequest"/>.</summary>
/// <param name="Error">The outcome; <see cref="ErrorCode.OffsetOutOfRange"/>: the follower starts over at <paramref name="LogStartOffset"/>.</param>
/// <param name="DivergingEpoch">Where the follower's log leaves the leader's: the leader's largest epoch not above the follower's last one; -1 if it does not.</param>
/// <param name="DivergingEndOffset">Where that epoch ends; -1 if the logs do not diverge.</param>
/// <param name="HighWatermark">The leader's high watermark; -1 if unknown.</param>
/// <param name="LogStartOffset">The leader's first offset; -1 if unknown.</param>
/// <param name="Records">Whole record batches as they stand in the leader's log, offsets and leader epochs included.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ReplicaFetchPartitionResponse")]
public sealed record ReplicaFetchPartitionResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] int DivergingEpoch,
    [property: Id(2)] long DivergingEndOffset,
    [property: Id(3)] long HighWatermark,
    [property: Id(4)] long LogStartOffset,
    [property: Id(5)] ReadOnlyMemory<byte> Records);
