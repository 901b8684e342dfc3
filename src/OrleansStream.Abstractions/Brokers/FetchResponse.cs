using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The answer to a <see cref="FetchRequest"/>.</summary>
/// <param name="Partitions">One answer for each partition asked for, in the request's order.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.FetchResponse")]
public sealed record FetchResponse([property: Id(0)] PartitionReadResponse[] Partitions);
