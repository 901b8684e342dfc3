namespace OrleansStream.ZooKeeper;

/// <summary>The outcomes that a server answers with, with ZooKeeper's numbers (org.apache.zookeeper.KeeperException.Code).</summary>
public enum ZooKeeperError
{
    /// <summary>The request took effect.</summary>
    Ok = 0,

    /// <summary>The server failed.</summary>
    SystemError = -1,

    /// <summary>An operation of a multi was not tried because an earlier one failed.</summary>
    RuntimeInconsistency = -2,

    /// <summary>The server found its data inconsistent.</summary>
    DataInconsistency = -3,

    /// <summary>The server could not read the request.</summary>
    MarshallingError = -5,

    /// <summary>The server does not know the request, or it is not enabled there.</summary>
    Unimplemented = -6,

    /// <summary>The request took too long.</summary>
    OperationTimeout = -7,

    /// <summary>An argument is not valid.</summary>
    BadArguments = -8,

    /// <summary>The node, or the parent of a node to create, does not exist.</summary>
    NoNode = -101,

    /// <summary>The access list does not allow it.</summary>
    NoAuth = -102,

    /// <summary>The node's version is not the expected one.</summary>
    BadVersion = -103,

    /// <summary>The parent is ephemeral and cannot have children.</summary>
    NoChildrenForEphemerals = -108,

    /// <summary>The node exists already.</summary>
    NodeExists = -110,

    /// <summary>The node has children and cannot be deleted.</summary>
    NotEmpty = -111,

    /// <summary>The session has expired.</summary>
    SessionExpired = -112,

    /// <summary>The access list is not valid.</summary>
    InvalidAcl = -114,

    /// <summary>The server does not accept the session's credentials.</summary>
    AuthFailed = -115,

    /// <summary>The session has been taken over on another server.</summary>
    SessionMoved = -118,

    /// <summary>The server is cut off from the ensemble and answers reads only.</summary>
    NotReadOnly = -119,

    /// <summary>The server demands SASL.</summary>
    SessionClosedRequireSaslAuth = -124,

    /// <summary>A quota of the tree is exceeded.</summary>
    QuotaExceeded = -125,

    /// <summary>The server has too much to do.</summary>
    Throttled = -127,
}
