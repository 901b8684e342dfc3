using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>What became of an election of leaders.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, or why nothing was elected at all.</param>
/// <param name="Partitions">The outcome of each partition; when all were asked for, of those that needed an election.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ElectLeadersResponse")]
public sealed record ElectLeadersResponse([property: Id(0)] ErrorCode Error, [property: Id(1)] PartitionOutcome[] Partitions);
