using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A fetch over many partitions of one broker.</summary>
/// <param name="MaxWaitMs">How long to wait for <paramref name="MinBytes"/>; 0 answers at once.</param>
/// <param name="MinBytes">Answer as soon as so many bytes are there.</param>
/// <param name="MaxBytes">The most bytes in the whole answer; the first non-empty partition may exceed it by one batch.</param>
/// <param name="IsolationLevel">Which records may be returned.</param>
/// <param name="Partitions">What to read. Each fetch of a broker begins with another of them, so that none starves when the answer is full.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.FetchRequest")]
public sealed record FetchRequest(
    [property: Id(0)] int MaxWaitMs,
    [property: Id(1)] int MinBytes,
    [property: Id(2)] int MaxBytes,
    [property: Id(3)] IsolationLevel IsolationLevel,
    [property: Id(4)] FetchPartition[] Partitions);
