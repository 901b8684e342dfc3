using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>One record batch for one partition.</summary>
/// <param name="Records">Exactly one RecordBatch v2. The caller must not change it until the call has ended.</param>
/// <param name="Acks">0: answer at once; 1: after the leader's own flush; -1: after the flush of every in-sync replica.</param>
/// <param name="TimeoutMs">How long the leader may wait for the replicas before it answers <see cref="ErrorCode.RequestTimedOut"/>.</param>
/// <param name="TransactionalId">The producer's transactional id, null without one.</param>
/// <param name="CurrentLeaderEpoch">
/// The only leader epoch in which the batch may be appended, for coordinators, whose records count only if nobody else led in between; -1 for any.
/// </param>
/// <param name="WaitsForRoom">
/// True when the caller bounds the bytes that it has under way and rather waits, at most <paramref name="TimeoutMs"/>, than hears
/// <see cref="ErrorCode.ThrottlingQuotaExceeded"/> while much is waiting for the disk: Kafka's clients take that for final.
/// </param>
[GenerateSerializer, Immutable, Alias("OrleansStream.PartitionProduceRequest")]
public sealed record PartitionProduceRequest(
    [property: Id(0)] ReadOnlyMemory<byte> Records,
    [property: Id(1)] short Acks,
    [property: Id(2)] int TimeoutMs,
    [property: Id(3)] string? TransactionalId,
    [property: Id(4)] int CurrentLeaderEpoch = -1,
    [property: Id(5)] bool WaitsForRoom = false);
