namespace OrleansStream.Grains.Groups;

/// <summary>
/// Bounds how many coordinators of a silo load a piece at the same time. A broker that comes to lead all of <c>__consumer_offsets</c> loads every
/// partition; the pieces take turns, so that a large one does not hold up the others. Thread-safe.
/// </summary>
internal sealed class CoordinatorLoads : IDisposable
{
    /// <summary>Enough to read one piece while another is replayed, and few enough to leave the processors to clients.</summary>
    private const int MaxConcurrentPieces = 4;

    /// <summary>Waited for before a piece, released after it.</summary>
    public SemaphoreSlim Slots { get; } = new(MaxConcurrentPieces);

    public void Dispose() => Slots.Dispose();
}
