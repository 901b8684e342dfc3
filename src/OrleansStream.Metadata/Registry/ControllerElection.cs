namespace OrleansStream.Metadata.Registry;

/// <summary>The outcome of standing for election.</summary>
/// <param name="ControllerId">The controller's broker id.</param>
/// <param name="Fence">The mark of the election if this broker was elected; null if another is the controller.</param>
public sealed record ControllerElection(int ControllerId, ControllerFence? Fence)
{
    /// <summary>Whether this broker is the controller.</summary>
    public bool IsElected => Fence is not null;
}
