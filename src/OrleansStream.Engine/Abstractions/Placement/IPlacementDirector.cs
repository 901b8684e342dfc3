namespace Orleans.Runtime.Placement;

/// <summary>
/// Chooses the silo for a grain. In the Embedded engine every silo asks its own director, so the answer must follow from the
/// grain's id and from what all silos know alike.
/// </summary>
public interface IPlacementDirector
{
    /// <summary>Chooses a silo.</summary>
    /// <param name="strategy">The strategy of the grain's class.</param>
    /// <param name="target">The grain.</param>
    /// <param name="context">The silos to choose from.</param>
    /// <exception cref="OrleansException">No silo can have the grain; the caller gets this error.</exception>
    Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context);
}
