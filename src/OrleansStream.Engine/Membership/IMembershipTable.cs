namespace OrleansStream.Engine.Membership;

/// <summary>
/// Where the silos of a cluster write themselves down: in memory, or in ZooKeeper. All throw what their medium throws when it
/// cannot be reached.
/// </summary>
internal interface IMembershipTable
{
    /// <summary>The whole table.</summary>
    Task<MembershipView> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Puts a record in, or replaces it, if the table is still at <paramref name="expectedVersion"/>; whether it was.</summary>
    Task<bool> TryWriteAsync(MemberRecord record, long expectedVersion, CancellationToken cancellationToken);

    /// <summary>Asks to be told of changes; a table that cannot tell leaves it to refreshing. Disposing ends it.</summary>
    IDisposable Subscribe(Action changed);
}
