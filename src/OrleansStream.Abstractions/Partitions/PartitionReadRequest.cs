using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A read of one partition.</summary>
/// <param name="Offset">The first offset wanted. The answer may start earlier, at the head of the batch that holds it.</param>
/// <param name="MaxBytes">The most bytes to return; at least one batch is returned even if larger when <paramref name="MinOneMessage"/> is set.</param>
/// <param name="CurrentLeaderEpoch">The epoch that the reader knows, for fencing (KIP-320); -1 to skip the check.</param>
/// <param name="IsolationLevel">Up to the high watermark or up to the last stable offset.</param>
/// <param name="MinOneMessage">Return one batch even if it is larger than <paramref name="MaxBytes"/>.</param>
/// <param name="AllowsFollower">Whether a replica that follows may answer, with what it knows to be committed (KIP-392).</param>
/// <param name="Nearby">The brokers in the reader's rack, where the leader looks for a replica to send it to; null for none.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.PartitionReadRequest")]
public sealed record PartitionReadRequest(
    [property: Id(0)] long Offset,
    [property: Id(1)] int MaxBytes,
    [property: Id(2)] int CurrentLeaderEpoch,
    [property: Id(3)] IsolationLevel IsolationLevel,
    [property: Id(4)] bool MinOneMessage,
    [property: Id(5)] bool AllowsFollower = false,
    [property: Id(6)] int[]? Nearby = null);
