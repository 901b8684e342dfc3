namespace OrleansStream.Metadata;

/// <summary>The expected outcomes of an operation on the tree, with ZooKeeper's numbers.</summary>
public enum MetadataError
{
    /// <summary>The operation took effect.</summary>
    None = 0,

    /// <summary>An operation of a multi was not tried because an earlier one failed.</summary>
    RuntimeInconsistency = -2,

    /// <summary>The node, or the parent of a node to create, does not exist.</summary>
    NoNode = -101,

    /// <summary>The node's version is not the expected one.</summary>
    BadVersion = -103,

    /// <summary>The parent is ephemeral and cannot have children.</summary>
    NoChildrenForEphemerals = -108,

    /// <summary>The node exists already.</summary>
    NodeExists = -110,

    /// <summary>The node has children and cannot be deleted.</summary>
    NotEmpty = -111,
}
