namespace OrleansStream.Engine.Networking;

/// <summary>What one connection may hold in memory.</summary>
internal sealed class ConnectionLimits
{
    /// <summary>How many unsent bytes there may be before senders have to wait, and before a peer that does not read is not read either.</summary>
    public long MaxUnsentBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How many bytes of requests of one peer may be unanswered before the peer is not read any more.</summary>
    public long MaxUnansweredBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>How many requests of one peer may be unanswered before further ones are refused.</summary>
    public int MaxUnansweredCount { get; set; } = 50_000;
}
