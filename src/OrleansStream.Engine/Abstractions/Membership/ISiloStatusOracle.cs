namespace Orleans.Runtime;

/// <summary>Quick questions about the membership.</summary>
public interface ISiloStatusOracle
{
    /// <summary>This silo's status.</summary>
    SiloStatus CurrentStatus { get; }

    /// <summary>This silo's address.</summary>
    SiloAddress SiloAddress { get; }

    /// <summary>This silo's name.</summary>
    string SiloName { get; }

    /// <summary>The active silos.</summary>
    SiloAddress[] GetActiveSilos();

    /// <summary>A silo's status.</summary>
    SiloStatus GetApproximateSiloStatus(SiloAddress siloAddress);

    /// <summary>All silos' statuses.</summary>
    Dictionary<SiloAddress, SiloStatus> GetApproximateSiloStatuses(bool onlyActive = false);

    /// <summary>Whether a silo is dead.</summary>
    bool IsDeadSilo(SiloAddress silo);

    /// <summary>A silo's name.</summary>
    bool TryGetSiloName(SiloAddress siloAddress, out string? siloName);
}
