namespace OrleansStream.Engine.Networking;

/// <summary>Bounds of a connection.</summary>
/// <param name="MaxFrameBytes">The largest frame that is accepted or sent, without its length prefix.</param>
/// <param name="MaxQueuedBytes">How many unsent bytes there may be before senders have to wait.</param>
internal sealed record FrameConnectionOptions(int MaxFrameBytes, long MaxQueuedBytes)
{
    /// <summary>How long a closing connection may take to send what is queued.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether large frames come in arrays of the shared pool: where those who read them dispose of them (<see cref="PooledFrame"/>).</summary>
    public bool PoolsLargeFrames { get; init; }

    /// <summary>How long an attempt to connect may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
