using OrleansStream.Metadata;

namespace OrleansStream.ZooKeeper.Session;

/// <summary>A watch that comes into being with a read's answer.</summary>
/// <param name="Kind">What was read.</param>
/// <param name="Path">The node, without the chroot.</param>
/// <param name="Watch">The callback.</param>
internal sealed record WatchIntent(WatchKind Kind, string Path, Action<WatchEvent> Watch);

/// <summary>What a watched read was about.</summary>
internal enum WatchKind
{
    Data,
    Existence,
    Children,
}
