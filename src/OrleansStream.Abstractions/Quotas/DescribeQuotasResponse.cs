using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The quotas that a filter lets through.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="ErrorMessage">What was wrong with the filter; null on success.</param>
/// <param name="Quotas">The quotas, in the order of where they are stored.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.DescribeQuotasResponse")]
public sealed record DescribeQuotasResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] string? ErrorMessage,
    [property: Id(2)] ClientQuota[] Quotas);
