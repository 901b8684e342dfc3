namespace OrleansStream.Metadata;

/// <summary>How a node is created, with ZooKeeper's numbers.</summary>
public enum CreateMode
{
    /// <summary>The node stays until it is deleted.</summary>
    Persistent = 0,

    /// <summary>The node is deleted when the session that created it ends. It cannot have children.</summary>
    Ephemeral = 1,

    /// <summary>As <see cref="Persistent"/>; ten decimal digits that only grow under this parent are appended to the path.</summary>
    PersistentSequential = 2,

    /// <summary>As <see cref="Ephemeral"/>; ten decimal digits that only grow under this parent are appended to the path.</summary>
    EphemeralSequential = 3,
}
