using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A fetch over many partitions of one broker.</summary>
/// <param name="MaxWaitMs">How long to wait for <paramref name="MinBytes"/>; 0 answers at once.</param>
/// <param name="MinBytes">Answer as soon as so many bytes are there.</param>
/// <param name="MaxBytes">The most bytes in the whole answer; the first non-empty partition may exceed it by one batch.</param>
/// <param name="IsolationLevel">Which records may be returned.</param>
/// <param name="Partitions">What to read. Each fetch of a broker begins with another of them, so that none starves when the answer is full.</param>
/// <param name="Rack">
/// The reader's rack (KIP-392): with <c>replica.selector.class</c> set to the rack-aware one, an in-sync replica there is named to read from, and
/// replicas that follow answer as well. Empty: unknown, but a follower may answer. Null: only leaders answer.
/// </param>
[GenerateSerializer, Immutable, Alias("OrleansStream.FetchRequest")]
public sealed record FetchRequest(
    [property: Id(0)] int MaxWaitMs,
    [property: Id(1)] int MinBytes,
    [property: Id(2)] int MaxBytes,
    [property: Id(3)] IsolationLevel IsolationLevel,
    [property: Id(4)] FetchPartition[] Partitions,
    [property: Id(5)] string? Rack = null);
