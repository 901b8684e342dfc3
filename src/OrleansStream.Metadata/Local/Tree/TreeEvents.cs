namespace OrleansStream.Metadata.Local;

/// <summary>What watches see of a change.</summary>
internal static class TreeEvents
{
    /// <summary>The events of a change, given the tree before it.</summary>
    public static IEnumerable<WatchEvent> Of(TreeChange change, ZNodeTree before)
        => change switch
        {
            TreeChange.Create create =>
            [
                new WatchEvent(WatchEventType.NodeCreated, create.Path),
                new WatchEvent(WatchEventType.NodeChildrenChanged, NodePath.Parent(create.Path)),
            ],
            TreeChange.Delete delete => Deleted(delete.Path),
            TreeChange.SetData set => [new WatchEvent(WatchEventType.NodeDataChanged, set.Path)],
            TreeChange.CloseSession close => before.EphemeralsOf(close.SessionId).SelectMany(Deleted),
            _ => [],
        };

    private static IEnumerable<WatchEvent> Deleted(string path) =>
    [
        new WatchEvent(WatchEventType.NodeDeleted, path),
        new WatchEvent(WatchEventType.NodeChildrenChanged, NodePath.Parent(path)),
    ];
}
