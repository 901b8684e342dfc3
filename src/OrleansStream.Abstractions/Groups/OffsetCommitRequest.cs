using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Stores offsets of a group.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="GenerationIdOrMemberEpoch">The member's generation or epoch; -1 from outside an empty group.</param>
/// <param name="MemberId">The member; empty from outside.</param>
/// <param name="GroupInstanceId">The id of a static member, else null.</param>
/// <param name="RetentionTimeMs">How long the offsets are kept after the commit; -1 for the broker's <c>offsets.retention.minutes</c>.</param>
/// <param name="Topics">The offsets.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetCommitRequest")]
public sealed record OffsetCommitRequest(
    [property: Id(0)] string GroupId,
    [property: Id(1)] int GenerationIdOrMemberEpoch,
    [property: Id(2)] string MemberId,
    [property: Id(3)] string? GroupInstanceId,
    [property: Id(4)] long RetentionTimeMs,
    [property: Id(5)] OffsetCommitTopic[] Topics);

/// <summary>Offsets of one topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partitions">The offsets.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetCommitTopic")]
public sealed record OffsetCommitTopic(
    [property: Id(0)] string Topic,
    [property: Id(1)] OffsetCommitPartition[] Partitions);

/// <summary>An offset to store.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The next offset to be consumed.</param>
/// <param name="LeaderEpoch">The leader epoch of the last record consumed, -1 if unknown.</param>
/// <param name="Metadata">The client's own note; at most <c>offset.metadata.max.bytes</c>.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetCommitPartition")]
public readonly record struct OffsetCommitPartition(
    [property: Id(0)] int Partition,
    [property: Id(1)] long Offset,
    [property: Id(2)] int LeaderEpoch,
    [property: Id(3)] string? Metadata);

/// <summary>The outcome of a commit.</summary>
/// <param name="Error">The outcome where it is the same for all partitions.</param>
/// <param name="PartitionErrors">For each topic of the request, an error code for each of its partitions; empty when <paramref name="Error"/> says it all.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetCommitResponse")]
public sealed record OffsetCommitResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] ErrorCode[][] PartitionErrors);
