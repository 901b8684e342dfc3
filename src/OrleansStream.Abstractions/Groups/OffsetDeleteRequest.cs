using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Deletes offsets of a group (KIP-496).</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Topics">The partitions.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetDeleteRequest")]
public sealed record OffsetDeleteRequest(
    [property: Id(0)] string GroupId,
    [property: Id(1)] TopicPartitions[] Topics);

/// <summary>The outcome of a deletion of offsets.</summary>
/// <param name="Error">The outcome as a whole.</param>
/// <param name="PartitionErrors">For each topic of the request, an error code for each of its partitions; empty when the whole failed.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OffsetDeleteResponse")]
public sealed record OffsetDeleteResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] ErrorCode[][] PartitionErrors);
