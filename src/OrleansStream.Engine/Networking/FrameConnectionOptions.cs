namespace Orleans.Networking;

/// <summary>The bounds of a connection.</summary>
/// <param name="MaxFrameBytes">The largest frame that is sent or accepted.</param>
/// <param name="MaxQueuedBytes">The bytes that may wait to be sent; one message is always let in.</param>
/// <param name="MaxQueuedMessages">The messages that may wait to be sent.</param>
internal sealed record FrameConnectionOptions(int MaxFrameBytes, int MaxQueuedBytes, int MaxQueuedMessages)
{
    /// <summary>How long a closing connection may take to send what is queued.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an attempt to connect may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
