using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The replicas that a partition is to have (KIP-455).</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Replicas">The replicas to end with, the preferred leader first; null calls off what is under way.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.PartitionReassignment")]
public sealed record PartitionReassignment(
    [property: Id(0)] string Topic, [property: Id(1)] int Partition, [property: Id(2)] int[]? Replicas);

/// <summary>A reassignment that is under way.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Replicas">All replicas, those that are added and removed included.</param>
/// <param name="AddingReplicas">Those that are added.</param>
/// <param name="RemovingReplicas">Those that are removed.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.OngoingReassignment")]
public sealed record OngoingReassignment(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] int[] Replicas,
    [property: Id(3)] int[] AddingReplicas,
    [property: Id(4)] int[] RemovingReplicas);
