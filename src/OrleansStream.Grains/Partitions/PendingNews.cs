namespace OrleansStream.Grains.Partitions;

/// <summary>
/// Lets one turn tell what any number of threads have announced: while a turn is on its way, nobody queues another.
/// Thread-safe.
/// </summary>
internal sealed class PendingNews
{
    private int _isQueued;

    /// <summary>Called after the state has changed.</summary>
    /// <returns>Whether the caller has to queue the turn.</returns>
    public bool Announce() => Interlocked.Exchange(ref _isQueued, 1) == 0;

    /// <summary>Called by the turn before it looks at the state.</summary>
    /// <remarks>
    /// A full fence: were the state read before others see the zero, a change in between would neither be seen by this turn nor
    /// queue the next one, and who waits for it would wait until something else happens.
    /// </remarks>
    public void BeginTelling() => Interlocked.Exchange(ref _isQueued, 0);
}
