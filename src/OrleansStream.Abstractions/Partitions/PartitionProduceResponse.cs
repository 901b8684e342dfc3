using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>What became of a batch.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="ErrorMessage">What was wrong, with the value and what would be right; null on success.</param>
/// <param name="BaseOffset">The offset of the batch's first record; -1 when it was not appended (or acks was 0).</param>
/// <param name="LogAppendTimeMs">Unix milliseconds if the topic uses LogAppendTime, else -1.</param>
/// <param name="LogStartOffset">The partition's first offset, -1 if unknown.</param>
/// <param name="LeaderEpoch">The leader epoch under which the answer was given, -1 if unknown.</param>
/// <param name="InvalidRecords">
/// The places in the batch of the records that it was refused for (KIP-467); null when it was not refused for single records.
/// </param>
[GenerateSerializer, Immutable, Alias("OrleansStream.PartitionProduceResponse")]
public sealed record PartitionProduceResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] string? ErrorMessage,
    [property: Id(2)] long BaseOffset,
    [property: Id(3)] long LogAppendTimeMs,
    [property: Id(4)] long LogStartOffset,
    [property: Id(5)] int LeaderEpoch,
    [property: Id(6)] int[]? InvalidRecords = null);
