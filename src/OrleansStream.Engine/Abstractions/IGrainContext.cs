namespace Orleans.Runtime;

/// <summary>An activation as its grain and its filters see it.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    /// <summary>A reference to the grain.</summary>
    GrainReference GrainReference { get; }

    /// <summary>The grain's id.</summary>
    GrainId GrainId { get; }

    /// <summary>The grain, null while it is being made.</summary>
    object? GrainInstance { get; }

    /// <summary>The activation's services; scoped ones live as long as the activation.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the grain is deactivated.</summary>
    Task Deactivated { get; }

    /// <summary>Starts deactivation; it happens when the running calls have ended. The token bounds OnDeactivateAsync.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
