using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>One partition of a <see cref="FetchRequest"/>.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The first offset wanted.</param>
/// <param name="MaxBytes">The most bytes from this partition.</param>
/// <param name="CurrentLeaderEpoch">The epoch that the reader knows (KIP-320); -1 to skip the check.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.FetchPartition")]
public sealed record FetchPartition(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] long Offset,
    [property: Id(3)] int MaxBytes,
    [property: Id(4)] int CurrentLeaderEpoch);
