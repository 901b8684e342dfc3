using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>One partition of a <see cref="FetchRequest"/>.</summary>
/// <param name="Topic">The topic; not looked at when <paramref name="TopicId"/> is given.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The first offset wanted.</param>
/// <param name="MaxBytes">The most bytes from this partition.</param>
/// <param name="CurrentLeaderEpoch">The epoch that the reader knows (KIP-320); -1 to skip the check.</param>
/// <param name="TopicId">
/// The topic's id (KIP-516), which then counts instead of its name: a topic that was deleted and made again under the same name is another one.
/// The answer is <see cref="ErrorCode.UnknownTopicId"/> where no such topic is known, and <see cref="ErrorCode.InconsistentTopicId"/> while
/// the broker's replica belongs to another one of that name. Empty for none.
/// </param>
[GenerateSerializer, Immutable, Alias("OrleansStream.FetchPartition")]
public sealed record FetchPartition(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] long Offset,
    [property: Id(3)] int MaxBytes,
    [property: Id(4)] int CurrentLeaderEpoch,
    [property: Id(5)] Guid TopicId = default);
