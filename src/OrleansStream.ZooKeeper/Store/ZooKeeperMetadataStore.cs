using OrleansStream.Metadata;

namespace OrleansStream.ZooKeeper.Store;

/// <summary>The metadata store on Apache ZooKeeper: one session, with Kafka's layout below the chroot.</summary>
/// <remarks>
/// Reads survive the loss of a connection unseen. A write whose answer was lost fails with
/// <see cref="MetadataUnavailableException.IsOutcomeUnknown"/>: look before trying again.
/// </remarks>
public sealed class ZooKeeperMetadataStore : IMetadataStore
{
    private readonly ZooKeeperClient _client;
    private readonly IReadOnlyCollection<AclEntry> _acl;

    private ZooKeeperMetadataStore(ZooKeeperClient client, IReadOnlyCollection<AclEntry> acl)
    {
        _client = client;
        _acl = acl;
    }

    /// <inheritdoc/>
    public long SessionId => _client.SessionId;

    /// <inheritdoc/>
    public CancellationToken SessionEnded => _client.SessionEnded;

    /// <summary>The client that carries the session; it is disposed of with the store.</summary>
    public ZooKeeperClient Client => _client;

    /// <summary>Starts a session, and makes the chroot if it is missing.</summary>
    /// <param name="options">Where the ensemble is.</param>
    /// <param name="acl">The access list of the nodes that are created; null is open to all (<c>zookeeper.set.acl=false</c>).</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MetadataUnavailableException">No server could be reached, or the credentials are refused.</exception>
    public static async Task<ZooKeeperMetadataStore> OpenAsync(
        ZooKeeperOptions options, IReadOnlyCollection<AclEntry>? acl = null, CancellationToken cancellationToken = default)
    {
        acl ??= AclEntry.OpenToAll;
        try
        {
            var client = await ZooKeeperClient.ConnectAsync(options, cancellationToken);
            try
            {
                await client.EnsureChrootAsync(acl, cancellationToken);
                return new ZooKeeperMetadataStore(client, acl);
            }
            catch
            {
                await client.DisposeAsync();
                throw;
            }
        }
        catch (ZooKeeperException e)
        {
            throw Translate(e);
        }
    }

    /// <inheritdoc/>
    public async Task<MetadataResult<CreatedNode>> CreateAsync(
        string path, ReadOnlyMemory<byte> data, CreateMode mode = CreateMode.Persistent, CancellationToken cancellationToken = default)
    {
        RequestRules.Validate([new MultiOperation.Create(path, data, mode)]);
        return await AskAsync(() => _client.CreateAsync(path, data, (ZNodeMode)mode, _acl, null, cancellationToken), ResultOf);
    }

    /// <inheritdoc/>
    public async Task<MetadataError> DeleteAsync(string path, int version, CancellationToken cancellationToken = default)
    {
        RequestRules.Validate([new MultiOperation.Delete(path, version)]);
        return await AskAsync(() => _client.DeleteAsync(path, version, cancellationToken), error => ErrorOf(error, path));
    }

    /// <inheritdoc/>
    public async Task<MetadataResult<NodeStat>> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version, CancellationToken cancellationToken = default)
    {
        RequestRules.Validate([new MultiOperation.SetData(path, data, version)]);
        return await AskAsync(() => _client.SetDataAsync(path, data, version, cancellationToken), ResultOf);
    }

    /// <inheritdoc/>
    public Task<MetadataResult<NodeData>> GetDataAsync(string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default)
        => AskAsync(() => _client.GetDataAsync(path, watch, cancellationToken), ResultOf);

    /// <inheritdoc/>
    public Task<NodeStat?> ExistsAsync(string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default)
        => AskAsync(
            () => _client.ExistsAsync(path, watch, cancellationToken),
            result => result.Error == ZooKeeperError.NoNode ? null : ResultOf(result).Value);

    /// <inheritdoc/>
    public Task<MetadataResult<NodeChildren>> GetChildrenAsync(string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default)
        => AskAsync(() => _client.GetChildrenAsync(path, watch, cancellationToken), ResultOf);

    /// <inheritdoc/>
    public async Task<MultiResult> MultiAsync(IReadOnlyList<MultiOperation> operations, CancellationToken cancellationToken = default)
    {
        RequestRules.Validate(operations);
        return await AskAsync(
            () => _client.MultiAsync(operations, _acl, cancellationToken),
            result => new MultiResult(
                ErrorOf(result.Error, result.FailedIndex < 0 ? "/" : result.Results[result.FailedIndex].Path),
                result.FailedIndex,
                [.. result.Results.Select(one => new MultiOperationResult(ErrorOf(one.Error, one.Path), one.Path, one.Stat))]));
    }

    /// <inheritdoc/>
    public Task SyncAsync(CancellationToken cancellationToken = default)
        => AskAsync(() => _client.SyncAsync("/", cancellationToken), static error => ErrorOf(error, "/"));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private static async Task<TOut> AskAsync<TIn, TOut>(Func<Task<TIn>> ask, Func<TIn, TOut> translate)
    {
        try
        {
            return translate(await ask());
        }
        catch (ZooKeeperException e)
        {
            throw Translate(e);
        }
    }

    private static MetadataResult<T> ResultOf<T>(ZooKeeperResult<T> result)
        where T : class
        => result.TryGetValue(out var value)
            ? MetadataResult<T>.Success(result.Path, value)
            : MetadataResult<T>.Failure(result.Path, ErrorOf(result.Error, result.Path));

    /// <exception cref="MetadataStoreException">The error is none of the expected outcomes.</exception>
    private static MetadataError ErrorOf(ZooKeeperError error, string path)
        => error switch
        {
            ZooKeeperError.Ok => MetadataError.None,
            ZooKeeperError.RuntimeInconsistency => MetadataError.RuntimeInconsistency,
            ZooKeeperError.NoNode => MetadataError.NoNode,
            ZooKeeperError.BadVersion => MetadataError.BadVersion,
            ZooKeeperError.NoChildrenForEphemerals => MetadataError.NoChildrenForEphemerals,
            ZooKeeperError.NodeExists => MetadataError.NodeExists,
            ZooKeeperError.NotEmpty => MetadataError.NotEmpty,
            ZooKeeperError.NoAuth => throw new MetadataStoreException(
                $"ZooKeeper does not allow the operation on '{path}': its access list demands other credentials."),
            ZooKeeperError.OperationTimeout or ZooKeeperError.Throttled or ZooKeeperError.NotReadOnly => throw new MetadataUnavailableException(
                $"ZooKeeper cannot take the operation on '{path}' now: {error}.", isOutcomeUnknown: error == ZooKeeperError.OperationTimeout),
            _ => throw new MetadataStoreException($"ZooKeeper answered the operation on '{path}' with {error} ({(int)error})."),
        };

    private static MetadataStoreException Translate(ZooKeeperException exception)
        => exception switch
        {
            ZooKeeperSessionExpiredException e => new MetadataSessionExpiredException(e.SessionId),
            ZooKeeperConnectionLossException e => new MetadataUnavailableException(e.Message, e.IsOutcomeUnknown, e),
            ZooKeeperProtocolException e => new MetadataUnavailableException(e.Message, isOutcomeUnknown: true, e),
            _ => new MetadataStoreException(exception.Message, exception),
        };
}
