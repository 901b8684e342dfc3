using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Asks for offsets of a group.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The member of a group of the consumer protocol that asks (KIP-848); null skips the check.</param>
/// <param name="MemberEpoch">Its epoch; -1 without a member.</param>
/// <param name="Topics">The partitions; null for all that have an offset.</param>
/// <param name="RequireStable">Whether offsets of transactions that are still open are an error (KIP-447).</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetFetchRequest")]
public sealed record OffsetFetchRequest(
    [property: Id(0)] string GroupId,
    [property: Id(1)] string? MemberId,
    [property: Id(2)] int MemberEpoch,
    [property: Id(3)] TopicPartitions[]? Topics,
    [property: Id(4)] bool RequireStable);

/// <summary>Offsets of a group.</summary>
/// <param name="Error">The outcome; the topics are empty on an error.</param>
/// <param name="Topics">The offsets, in the order of the request if it named partitions.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetFetchResponse")]
public sealed record OffsetFetchResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] OffsetFetchTopic[] Topics);

/// <summary>Offsets of one topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partitions">The offsets.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetFetchTopic")]
public sealed record OffsetFetchTopic(
    [property: Id(0)] string Topic,
    [property: Id(1)] FetchedOffset[] Partitions);

/// <summary>The offset of one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Error">The outcome.</param>
/// <param name="Offset">The next offset to be consumed; -1 if none was committed.</param>
/// <param name="LeaderEpoch">The leader epoch that was committed, -1 if unknown.</param>
/// <param name="Metadata">The note that was committed with it.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.FetchedOffset")]
public readonly record struct FetchedOffset(
    [property: Id(0)] int Partition,
    [property: Id(1)] ErrorCode Error,
    [property: Id(2)] long Offset,
    [property: Id(3)] int LeaderEpoch,
    [property: Id(4)] string Metadata);
