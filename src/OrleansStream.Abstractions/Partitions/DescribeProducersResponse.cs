using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The producers that a partition knows.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="ErrorMessage">What was wrong; null on success.</param>
/// <param name="Producers">The producers in order of their id.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.DescribeProducersResponse")]
public sealed record DescribeProducersResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] string? ErrorMessage,
    [property: Id(2)] ProducerDescription[] Producers);
