namespace Orleans.Runtime;

/// <summary>Where a silo is in its life.</summary>
public enum SiloStatus
{
    /// <summary>Not known.</summary>
    None = 0,

    /// <summary>Made, not joining yet.</summary>
    Created = 1,

    /// <summary>On its way into the cluster.</summary>
    Joining = 2,

    /// <summary>Takes grains and calls.</summary>
    Active = 3,

    /// <summary>Leaves in good order.</summary>
    ShuttingDown = 4,

    /// <summary>Leaves at once.</summary>
    Stopping = 5,

    /// <summary>Gone, by its own word or the others'. Final.</summary>
    Dead = 6,
}

/// <summary>Questions about a <see cref="SiloStatus"/>.</summary>
public static class SiloStatusExtensions
{
    /// <summary>Whether the silo leaves or is gone.</summary>
    public static bool IsTerminating(this SiloStatus siloStatus) => siloStatus is SiloStatus.ShuttingDown or SiloStatus.Stopping or SiloStatus.Dead;
}
