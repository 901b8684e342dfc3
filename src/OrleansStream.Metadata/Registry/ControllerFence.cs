using OrleansStream.Metadata.Layout;

namespace OrleansStream.Metadata.Registry;

/// <summary>An election's mark: writes that carry it fail once another controller has been elected.</summary>
/// <param name="ControllerEpoch">The epoch of the election.</param>
/// <param name="ZkVersion">The version of the epoch's node that the election made.</param>
public sealed record ControllerFence(int ControllerEpoch, int ZkVersion)
{
    /// <summary>The operation that makes a multi fail once another controller has been elected.</summary>
    public MultiOperation Check => new MultiOperation.Check(ZNodes.ControllerEpoch, ZkVersion);
}
