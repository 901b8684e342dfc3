namespace OrleansStream.Engine.Membership;

/// <summary>
/// Where the silos of a cluster write themselves down. Implementations: in memory (one process, or a primary silo) and
/// on a primary silo (<see cref="RemoteMembershipTable"/>). All throw what their medium throws when it cannot be reached.
/// </summary>
internal interface IMembershipTable
{
    /// <summary>
    /// Whether the table is somewhere else than on a silo. Then a silo that cannot reach it goes by what it read last, since the others
    /// may reach it and each other; a table on a silo may have gone with that one.
    /// </summary>
    bool OutlivesSilos { get; }

    /// <summary>The whole table.</summary>
    Task<MembershipView> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Puts a record in, or replaces it, if the table is still at <paramref name="expectedVersion"/>; whether it was.</summary>
    Task<bool> TryWriteAsync(MemberRecord record, long expectedVersion, CancellationToken cancellationToken);

    /// <summary>Asks to be told of changes; a table that cannot tell leaves it to refreshing. Disposing ends it.</summary>
    IDisposable Subscribe(Action changed);
}
