namespace OrleansStream.ZooKeeper;

/// <summary>How a node is created, with ZooKeeper's numbers.</summary>
public enum ZNodeMode
{
    /// <summary>The node stays until it is deleted.</summary>
    Persistent = 0,

    /// <summary>The node is deleted when the session that created it ends. It cannot have children.</summary>
    Ephemeral = 1,

    /// <summary>As <see cref="Persistent"/>; ten decimal digits that only grow under this parent are appended to the path.</summary>
    PersistentSequential = 2,

    /// <summary>As <see cref="Ephemeral"/>; ten decimal digits that only grow under this parent are appended to the path.</summary>
    EphemeralSequential = 3,

    /// <summary>The server deletes the node some time after its last child was deleted.</summary>
    Container = 4,

    /// <summary>The server deletes the node when it has no children and was not changed for a time (the server must have <c>zookeeper.extendedTypesEnabled</c>).</summary>
    PersistentWithTtl = 5,

    /// <summary>As <see cref="PersistentWithTtl"/>; ten decimal digits that only grow under this parent are appended to the path.</summary>
    PersistentSequentialWithTtl = 6,
}
