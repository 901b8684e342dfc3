using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The outcome of an administrative operation on one topic or resource.</summary>
/// <param name="Name">The topic's or resource's name.</param>
/// <param name="TopicId">The topic's id, empty if it has none.</param>
/// <param name="Error">The outcome.</param>
/// <param name="ErrorMessage">What was wrong, with the value, and what would be right; null on success.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.TopicResult")]
public sealed record TopicResult(
    [property: Id(0)] string Name,
    [property: Id(1)] Guid TopicId,
    [property: Id(2)] ErrorCode Error,
    [property: Id(3)] string? ErrorMessage);
