namespace OrleansStream.Metadata;

/// <summary>
/// One session with a tree of small nodes, with the semantics of Apache ZooKeeper.
/// </summary>
/// <remarks>
/// <para><b>Order.</b> A session's operations take effect in the order in which they were called, reads included. A write is
/// answered when it is on stable storage.</para>
/// <para><b>Outcomes.</b> What the tree says (no such node, wrong version, …) is a <see cref="MetadataError"/> in the result. What
/// hinders the store itself is a <see cref="MetadataStoreException"/>: <see cref="MetadataSessionExpiredException"/>,
/// <see cref="MetadataUnavailableException"/>. A path or size that can never be right is an <see cref="ArgumentException"/>;
/// use after disposal an <see cref="ObjectDisposedException"/>.</para>
/// <para><b>Versions.</b> Where a version is asked for, -1 matches any.</para>
/// <para><b>Watches.</b> A watch is called once, for the first change after the read that set it, and before any read of this
/// session is answered that sees the change. Watches are called one after the other in the order of the changes. The callback
/// runs on the store's own loop: it must be short, must not wait for the store and must not throw; typically it writes to a
/// channel or completes a <see cref="TaskCompletionSource{T}"/>. The same delegate set twice on the same node is called once.
/// When the session ends, each watch that is still set is called with <see cref="WatchEventType.SessionEnded"/>.</para>
/// <para><b>Sessions.</b> An object is one session. When it has expired, everything that was derived from it (registrations, election,
/// watches) is void, and a new object is opened. Disposal ends the session and deletes its ephemeral nodes.</para>
/// <para>All members may be called from any thread. A cancelled token ends the wait; a write already handed over may still take effect.</para>
/// </remarks>
public interface IMetadataStore : IAsyncDisposable
{
    /// <summary>The session's id: never 0, never used again; the owner of its ephemeral nodes.</summary>
    long SessionId { get; }

    /// <summary>Cancelled when the session has expired or was disposed of.</summary>
    CancellationToken SessionEnded { get; }

    /// <summary>
    /// Creates a node. Errors: <see cref="MetadataError.NodeExists"/>, <see cref="MetadataError.NoNode"/> (no parent),
    /// <see cref="MetadataError.NoChildrenForEphemerals"/>.
    /// </summary>
    Task<MetadataResult<CreatedNode>> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes a node that has no children. Errors: <see cref="MetadataError.NoNode"/>, <see cref="MetadataError.BadVersion"/>,
    /// <see cref="MetadataError.NotEmpty"/>.
    /// </summary>
    Task<MetadataError> DeleteAsync(string path, int version, CancellationToken cancellationToken = default);

    /// <summary>Sets a node's data. Errors: <see cref="MetadataError.NoNode"/>, <see cref="MetadataError.BadVersion"/>.</summary>
    Task<MetadataResult<NodeStat>> SetDataAsync(
        string path, ReadOnlyMemory<byte> data, int version, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads a node. The watch sees the next change of its data or its deletion; it is not set when there is no node.
    /// Errors: <see cref="MetadataError.NoNode"/>.
    /// </summary>
    Task<MetadataResult<NodeData>> GetDataAsync(
        string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Whether a node exists: its numbers, or null. The watch sees the creation of a missing node, the next change of an existing
    /// one's data, or its deletion.
    /// </summary>
    Task<NodeStat?> ExistsAsync(string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads a node's children. The watch sees the next child created or deleted, or the node's own deletion; it is not set when
    /// there is no node. Errors: <see cref="MetadataError.NoNode"/>.
    /// </summary>
    Task<MetadataResult<NodeChildren>> GetChildrenAsync(
        string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Runs operations as one transaction with one zxid: each sees the effects of those before it, and all take effect or none does.
    /// </summary>
    Task<MultiResult> MultiAsync(IReadOnlyList<MultiOperation> operations, CancellationToken cancellationToken = default);

    /// <summary>Waits until this session sees everything that any session had written before the call.</summary>
    Task SyncAsync(CancellationToken cancellationToken = default);
}
