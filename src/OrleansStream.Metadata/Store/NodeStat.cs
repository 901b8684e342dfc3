namespace OrleansStream.Metadata;

/// <summary>A node's numbers, as ZooKeeper's Stat.</summary>
/// <param name="CreatedZxid">The transaction that created the node (czxid).</param>
/// <param name="ModifiedZxid">The transaction that last changed the data (mzxid).</param>
/// <param name="ChildrenZxid">The transaction that last added or removed a child (pzxid); the creating one if there was none.</param>
/// <param name="CreatedTimeMs">When the node was created, in Unix milliseconds (ctime).</param>
/// <param name="ModifiedTimeMs">When the data was last changed, in Unix milliseconds (mtime).</param>
/// <param name="Version">How often the data was changed (version).</param>
/// <param name="ChildrenVersion">How often a child was added or removed (cversion).</param>
/// <param name="AclVersion">How often the access list was changed (aversion).</param>
/// <param name="EphemeralOwner">The session that owns an ephemeral node; 0 for a persistent one.</param>
/// <param name="DataLength">Bytes of data.</param>
/// <param name="ChildCount">The number of children (numChildren).</param>
public sealed record NodeStat(
    long CreatedZxid,
    long ModifiedZxid,
    long ChildrenZxid,
    long CreatedTimeMs,
    long ModifiedTimeMs,
    int Version,
    int ChildrenVersion,
    int AclVersion,
    long EphemeralOwner,
    int DataLength,
    int ChildCount);
