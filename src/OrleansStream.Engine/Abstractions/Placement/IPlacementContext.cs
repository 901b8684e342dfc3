namespace Orleans.Runtime.Placement;

/// <summary>What a placement director can see.</summary>
public interface IPlacementContext
{
    /// <summary>The silo that asks.</summary>
    SiloAddress LocalSilo { get; }

    /// <summary>That silo's status.</summary>
    SiloStatus LocalSiloStatus { get; }

    /// <summary>The active silos that can host the grain.</summary>
    SiloAddress[] GetCompatibleSilos(PlacementTarget target);
}
