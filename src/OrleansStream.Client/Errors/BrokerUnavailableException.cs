namespace OrleansStream.Client;

/// <summary>No broker answered at the addresses that the client was given.</summary>
public sealed class BrokerUnavailableException : OrleansStreamException
{
    /// <summary>No broker answered.</summary>
    /// <param name="bootstrap">The gateways that were tried, or the ZooKeeper that was to name them.</param>
    /// <param name="message">What was tried and what to do.</param>
    /// <param name="innerException">The last failure.</param>
    public BrokerUnavailableException(IReadOnlyList<string> bootstrap, string message, Exception? innerException = null)
        : base(ErrorCode.BrokerNotAvailable, message, innerException) => Bootstrap = bootstrap;

    /// <summary>The gateways that were tried, or the connect string of the ZooKeeper that was to name them.</summary>
    public IReadOnlyList<string> Bootstrap { get; }
}
