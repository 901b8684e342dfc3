namespace Orleans.Runtime;

/// <summary>The membership as this silo knows it.</summary>
public interface IClusterMembershipService
{
    /// <summary>What is known now.</summary>
    ClusterMembershipSnapshot CurrentSnapshot { get; }

    /// <summary>What is known now, then every later state; a slow reader may miss states, never the last one.</summary>
    IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates { get; }

    /// <summary>Reads the membership again, at least up to a version.</summary>
    ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default);

    /// <summary>Declares a silo dead; a silo that is still there ends itself when it hears of it.</summary>
    Task<bool> TryKill(SiloAddress siloAddress);
}
