using Microsoft.Extensions.Logging;

namespace OrleansStream.Metadata.Local;

/// <summary>A session with a <see cref="LocalMetadataDatabase"/>.</summary>
public sealed class LocalMetadataStore : IMetadataStore
{
    private readonly LocalMetadataDatabase _database;
    private readonly CancellationTokenSource _ended = new();
    private bool _ownsDatabase;
    private int _isDisposed;

    internal LocalMetadataStore(LocalMetadataDatabase database, long sessionId)
    {
        _database = database;
        SessionId = sessionId;
        SessionEnded = _ended.Token;
    }

    /// <inheritdoc/>
    public long SessionId { get; }

    /// <inheritdoc/>
    public CancellationToken SessionEnded { get; }

    /// <summary>What was found when the directory was opened.</summary>
    public RecoveryReport Recovery => _database.Recovery;

    internal WatchTable Watches { get; } = new();

    /// <summary>Opens a directory with one session; disposing of the session lets go of the directory.</summary>
    /// <inheritdoc cref="LocalMetadataDatabase.OpenAsync"/>
    public static async Task<LocalMetadataStore> OpenAsync(
        LocalMetadataOptions options, TimeProvider time, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        var database = await LocalMetadataDatabase.OpenAsync(options, time, logger, cancellationToken);
        try
        {
            var store = await database.OpenSessionAsync(cancellationToken);
            store._ownsDatabase = true;
            return store;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<MetadataResult<CreatedNode>> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, CancellationToken cancellationToken = default)
    {
        var result = await MultiAsync([new MultiOperation.Create(path, data, mode)], cancellationToken);
        var created = result.Results[0];
        return result.IsSuccess
            ? MetadataResult<CreatedNode>.Success(created.Path, new CreatedNode(created.Path, created.Stat!))
            : MetadataResult<CreatedNode>.Failure(path, result.Error);
    }

    /// <inheritdoc/>
    public async Task<MetadataError> DeleteAsync(string path, int version, CancellationToken cancellationToken = default)
        => (await MultiAsync([new MultiOperation.Delete(path, version)], cancellationToken)).Error;

    /// <inheritdoc/>
    public async Task<MetadataResult<NodeStat>> SetDataAsync(
        string path, ReadOnlyMemory<byte> data, int version, CancellationToken cancellationToken = default)
    {
        var result = await MultiAsync([new MultiOperation.SetData(path, data, version)], cancellationToken);
        return result.IsSuccess
            ? MetadataResult<NodeStat>.Success(path, result.Results[0].Stat!)
            : MetadataResult<NodeStat>.Failure(path, result.Error);
    }

    /// <inheritdoc/>
    public Task<MetadataResult<NodeData>> GetDataAsync(
        string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default)
        => ReadAsync(
            path,
            tree => tree.Nodes.TryGetValue(path, out var node)
                ? MetadataResult<NodeData>.Success(path, new NodeData(node.Data, node.Stat))
                : MetadataResult<NodeData>.Failure(path, MetadataError.NoNode),
            watch is null ? null : result => WatchIf(result.IsSuccess, () => Watches.WatchNode(path, watch)),
            cancellationToken);

    /// <inheritdoc/>
    public Task<NodeStat?> ExistsAsync(string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default)
        => ReadAsync(
            path,
            tree => tree.Nodes.TryGetValue(path, out var node) ? node.Stat : null,
            watch is null ? null : _ => Watches.WatchNode(path, watch),
            cancellationToken);

    /// <inheritdoc/>
    public Task<MetadataResult<NodeChildren>> GetChildrenAsync(
        string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default)
        => ReadAsync(
            path,
            tree => tree.Nodes.TryGetValue(path, out var node)
                ? MetadataResult<NodeChildren>.Success(path, new NodeChildren([.. node.Children], node.Stat))
                : MetadataResult<NodeChildren>.Failure(path, MetadataError.NoNode),
            watch is null ? null : result => WatchIf(result.IsSuccess, () => Watches.WatchChildren(path, watch)),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<MultiResult> MultiAsync(IReadOnlyList<MultiOperation> operations, CancellationToken cancellationToken = default)
    {
        RequestRules.Validate(operations);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (operations.Count == 0)
        {
            return new MultiResult(MetadataError.None, -1, []);
        }

        var request = new LocalRequest.Multi(SessionId, RequestRules.Owned(operations));
        await _database.EnqueueAsync(request, cancellationToken);
        return await request.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task SyncAsync(CancellationToken cancellationToken = default) => ReadAsync("/", tree => tree.LastZxid, null, cancellationToken);

    /// <summary>Ends the session: its ephemeral nodes are deleted, its watches are called with <see cref="WatchEventType.SessionEnded"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        try
        {
            await _database.ExpireSessionAsync(SessionId);
        }
        catch (Exception e) when (e is MetadataUnavailableException or ObjectDisposedException)
        {
            // The journal cannot take it; the session ends with the process, and its nodes go when the directory is opened next.
        }

        if (_ownsDatabase)
        {
            await _database.DisposeAsync();
        }
    }

    /// <summary>Those who wait for the end run elsewhere, not on the store's loop.</summary>
    internal void OnEnded() => _ = _ended.CancelAsync();

    private static void WatchIf(bool exists, Action set)
    {
        if (exists)
        {
            set();
        }
    }

    private async Task<T> ReadAsync<T>(string path, Func<ZNodeTree, T> read, Action<T>? setWatch, CancellationToken cancellationToken)
    {
        NodePath.Validate(path);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        var request = new LocalRequest.Read<T>(SessionId, read, setWatch);
        await _database.EnqueueAsync(request, cancellationToken);
        return await request.Task.WaitAsync(cancellationToken);
    }
}
