namespace Orleans.Runtime;

/// <summary>Names a way to choose a silo for a grain; its <see cref="Placement.IPlacementDirector"/> does the choosing.</summary>
public abstract class PlacementStrategy
{
}
