namespace OrleansStream.Metadata;

/// <summary>
/// The session is over: its ephemeral nodes are gone, its watches are dead, and the store object that carried it is of no more use.
/// </summary>
public sealed class MetadataSessionExpiredException : MetadataStoreException
{
    /// <summary>Names the session.</summary>
    public MetadataSessionExpiredException(long sessionId)
        : base($"Session 0x{sessionId:x} of the metadata store has expired; open a new one.")
        => SessionId = sessionId;

    /// <summary>The session.</summary>
    public long SessionId { get; }
}
