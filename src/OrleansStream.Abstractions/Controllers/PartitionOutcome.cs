using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>What became of a request for one partition.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Error"><see cref="ErrorCode.None"/> on success.</param>
/// <param name="ErrorMessage">What was wrong; null on success.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.PartitionOutcome")]
public sealed record PartitionOutcome(
    [property: Id(0)] string Topic, [property: Id(1)] int Partition, [property: Id(2)] ErrorCode Error, [property: Id(3)] string? ErrorMessage);
