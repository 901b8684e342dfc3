namespace OrleansStream.ZooKeeper;

/// <summary>Where a <see cref="ZooKeeperClient"/> stands.</summary>
public enum ZooKeeperState
{
    /// <summary>There is no connection; the client looks for a server. Leads to all others.</summary>
    Connecting = 0,

    /// <summary>The session is established on a server. Leads to all others.</summary>
    Connected = 1,

    /// <summary>The session is over, says a server. Final.</summary>
    Expired = 2,

    /// <summary>The servers refuse the credentials. Final.</summary>
    AuthFailed = 3,

    /// <summary>The client was disposed of. Final.</summary>
    Closed = 4,
}
