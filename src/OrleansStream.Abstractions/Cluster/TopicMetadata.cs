using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A topic and its partitions.</summary>
/// <param name="Error">None, or why the topic cannot be described.</param>
/// <param name="Name">The topic's name.</param>
/// <param name="TopicId">The topic's id (KIP-516).</param>
/// <param name="IsInternal">Whether it is one of the platform's own topics.</param>
/// <param name="Partitions">The partitions in order of their number.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.TopicMetadata")]
public sealed record TopicMetadata(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] string Name,
    [property: Id(2)] Guid TopicId,
    [property: Id(3)] bool IsInternal,
    [property: Id(4)] PartitionMetadata[] Partitions);
