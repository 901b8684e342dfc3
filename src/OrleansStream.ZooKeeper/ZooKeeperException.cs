namespace OrleansStream.ZooKeeper;

/// <summary>The base of what a <see cref="ZooKeeperClient"/> throws; outcomes of the tree are <see cref="ZooKeeperError"/>s in results instead.</summary>
public class ZooKeeperException : IOException
{
    /// <summary>Says what is wrong and what caused it.</summary>
    public ZooKeeperException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>The connection was lost, or there was none in time. The session may live on.</summary>
public sealed class ZooKeeperConnectionLossException : ZooKeeperException
{
    /// <summary>Says what is wrong and whether the request may have taken effect all the same.</summary>
    public ZooKeeperConnectionLossException(string message, bool isOutcomeUnknown, Exception? innerException = null)
        : base(message, innerException)
        => IsOutcomeUnknown = isOutcomeUnknown;

    /// <summary>Whether the request may have taken effect all the same. When false, it certainly has not.</summary>
    public bool IsOutcomeUnknown { get; }
}

/// <summary>The session is over: its ephemeral nodes are gone, and its client is of no more use.</summary>
public sealed class ZooKeeperSessionExpiredException : ZooKeeperException
{
    /// <summary>Names the session.</summary>
    public ZooKeeperSessionExpiredException(long sessionId)
        : base($"ZooKeeper session 0x{sessionId:x} has expired; open a new one.")
        => SessionId = sessionId;

    /// <summary>The session.</summary>
    public long SessionId { get; }
}

/// <summary>The servers do not accept this client's credentials.</summary>
public sealed class ZooKeeperAuthFailedException : ZooKeeperException
{
    /// <summary>Says what was refused.</summary>
    public ZooKeeperAuthFailedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>What came over the connection is not ZooKeeper's protocol, or is too large; the connection is given up.</summary>
public sealed class ZooKeeperProtocolException : ZooKeeperException
{
    /// <summary>Says what is wrong.</summary>
    public ZooKeeperProtocolException(string message)
        : base(message)
    {
    }
}

/// <summary>A request that its caller needed to succeed did not.</summary>
public sealed class ZooKeeperOperationException : ZooKeeperException
{
    /// <summary>Names the outcome and the path.</summary>
    public ZooKeeperOperationException(ZooKeeperError error, string path)
        : base($"The request on '{path}' of ZooKeeper ended with {error}.")
    {
        Error = error;
        Path = path;
    }

    /// <summary>The outcome.</summary>
    public ZooKeeperError Error { get; }

    /// <summary>The path.</summary>
    public string Path { get; }
}
