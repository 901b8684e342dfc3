namespace OrleansStream.Metadata;

/// <summary>What a watch saw, with ZooKeeper's numbers.</summary>
public enum WatchEventType
{
    /// <summary>The session ended; the watch will see nothing more.</summary>
    SessionEnded = -1,

    /// <summary>The node was created.</summary>
    NodeCreated = 1,

    /// <summary>The node was deleted.</summary>
    NodeDeleted = 2,

    /// <summary>The node's data was set, even to the same bytes.</summary>
    NodeDataChanged = 3,

    /// <summary>A child of the node was created or deleted.</summary>
    NodeChildrenChanged = 4,
}
