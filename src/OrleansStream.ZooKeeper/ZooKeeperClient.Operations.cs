using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Requests;
using OrleansStream.ZooKeeper.Session;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper;

/// <content>The requests.</content>
public sealed partial class ZooKeeperClient
{
    /// <summary>Creates a node.</summary>
    /// <param name="path">Its path; a sequential one may end with a slash.</param>
    /// <param name="data">Its data.</param>
    /// <param name="mode">How.</param>
    /// <param name="acl">Its access list; null is open to all.</param>
    /// <param name="timeToLive">For the modes with a time to live only: how long it may go unchanged without children.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ZooKeeperResult<CreatedNode>> CreateAsync(
        string path,
        ReadOnlyMemory<byte> data,
        ZNodeMode mode = ZNodeMode.Persistent,
        IReadOnlyCollection<AclEntry>? acl = null,
        TimeSpan? timeToLive = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (mode is ZNodeMode.PersistentWithTtl or ZNodeMode.PersistentSequentialWithTtl != timeToLive is not null)
        {
            throw new ArgumentException($"A time to live is given for the modes with one, and only for them; the mode is {mode}.", nameof(timeToLive));
        }

        if (timeToLive is { TotalMilliseconds: < 1 })
        {
            throw new ArgumentOutOfRangeException(nameof(timeToLive), timeToLive, "A node lives for a millisecond at least.");
        }

        NodePath.Validate(IsSequential(mode) ? path + "0" : path);
        var opCode = mode switch
        {
            ZNodeMode.Container => OpCode.CreateContainer,
            ZNodeMode.PersistentWithTtl or ZNodeMode.PersistentSequentialWithTtl => OpCode.CreateTtl,
            _ => OpCode.Create2,
        };
        var body = RequestBodies.Create(Prefixed(path), data, acl ?? AclEntry.OpenToAll, mode, timeToLive);
        return SendAsync(
            new PendingRequest<ZooKeeperResult<CreatedNode>>(opCode, body, isRepeatable: false, (error, _, ref reader) =>
            {
                if (error != ZooKeeperError.Ok)
                {
                    return new ZooKeeperResult<CreatedNode>(error, path, null);
                }

                var created = ClientPath(reader.ReadString());
                return new ZooKeeperResult<CreatedNode>(error, created, new CreatedNode(created, JuteRecords.ReadStat(ref reader)));
            }),
            cancellationToken);
    }

    /// <summary>Deletes a node without children.</summary>
    /// <param name="path">The node.</param>
    /// <param name="version">The expected version; -1 matches any.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ZooKeeperError> DeleteAsync(string path, int version, CancellationToken cancellationToken = default)
        => SendAsync(
            new PendingRequest<ZooKeeperError>(
                OpCode.Delete, RequestBodies.PathAndVersion(ServerPath(path), version), isRepeatable: false, static (error, _, ref _) => error),
            cancellationToken);

    /// <summary>A node's numbers; <see cref="ZooKeeperError.NoNode"/> if there is none.</summary>
    /// <param name="path">The node.</param>
    /// <param name="watch">Sees the creation of a missing node, the next change of an existing one's data, or its deletion.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ZooKeeperResult<NodeStat>> ExistsAsync(string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default)
        => SendAsync(
            new PendingRequest<ZooKeeperResult<NodeStat>>(
                OpCode.Exists,
                RequestBodies.PathAndWatch(ServerPath(path), watch is not null),
                isRepeatable: true,
                (error, _, ref reader) => new ZooKeeperResult<NodeStat>(error, path, error == ZooKeeperError.Ok ? JuteRecords.ReadStat(ref reader) : null),
                Intent(WatchKind.Existence, path, watch)),
            cancellationToken);

    /// <summary>Reads a node.</summary>
    /// <param name="path">The node.</param>
    /// <param name="watch">Sees the next change of the data, or the deletion; not set when there is no node.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ZooKeeperResult<NodeData>> GetDataAsync(string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default)
        => SendAsync(
            new PendingRequest<ZooKeeperResult<NodeData>>(
                OpCode.GetData,
                RequestBodies.PathAndWatch(ServerPath(path), watch is not null),
                isRepeatable: true,
                (error, _, ref reader) =>
                {
                    if (error != ZooKeeperError.Ok)
                    {
                        return new ZooKeeperResult<NodeData>(error, path, null);
                    }

                    var data = reader.ReadBuffer().ToArray();
                    return new ZooKeeperResult<NodeData>(error, path, new NodeData(data, JuteRecords.ReadStat(ref reader)));
                },
                Intent(WatchKind.Data, path, watch)),
            cancellationToken);

    /// <summary>Sets a node's data.</summary>
    /// <param name="path">The node.</param>
    /// <param name="data">The data.</param>
    /// <param name="version">The expected version; -1 matches any.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ZooKeeperResult<NodeStat>> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version, CancellationToken cancellationToken = default)
        => SendAsync(
            new PendingRequest<ZooKeeperResult<NodeStat>>(
                OpCode.SetData,
                RequestBodies.SetData(ServerPath(path), data, version),
                isRepeatable: false,
                (error, _, ref reader) => new ZooKeeperResult<NodeStat>(error, path, error == ZooKeeperError.Ok ? JuteRecords.ReadStat(ref reader) : null)),
            cancellationToken);

    /// <summary>Reads a node's children.</summary>
    /// <param name="path">The node.</param>
    /// <param name="watch">Sees the next child created or deleted, or the node's own deletion; not set when there is no node.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ZooKeeperResult<NodeChildren>> GetChildrenAsync(string path, Action<WatchEvent>? watch = null, CancellationToken cancellationToken = default)
        => SendAsync(
            new PendingRequest<ZooKeeperResult<NodeChildren>>(
                OpCode.GetChildren2,
                RequestBodies.PathAndWatch(ServerPath(path), watch is not null),
                isRepeatable: true,
                (error, _, ref reader) =>
                {
                    if (error != ZooKeeperError.Ok)
                    {
                        return new ZooKeeperResult<NodeChildren>(error, path, null);
                    }

                    var names = JuteRecords.ReadNames(ref reader);
                    return new ZooKeeperResult<NodeChildren>(error, path, new NodeChildren(names, JuteRecords.ReadStat(ref reader)));
                },
                Intent(WatchKind.Children, path, watch)),
            cancellationToken);

    /// <summary>Waits until this session's server has everything that the leader had when the request reached it.</summary>
    public Task<ZooKeeperError> SyncAsync(string path = "/", CancellationToken cancellationToken = default)
        => SendAsync(
            new PendingRequest<ZooKeeperError>(OpCode.Sync, RequestBodies.PathOnly(ServerPath(path)), isRepeatable: true, static (error, _, ref _) => error),
            cancellationToken);

    /// <summary>Reads a node's access list.</summary>
    public Task<ZooKeeperResult<NodeAcl>> GetAclAsync(string path, CancellationToken cancellationToken = default)
        => SendAsync(
            new PendingRequest<ZooKeeperResult<NodeAcl>>(
                OpCode.GetAcl,
                RequestBodies.PathOnly(ServerPath(path)),
                isRepeatable: true,
                (error, _, ref reader) =>
                {
                    if (error != ZooKeeperError.Ok)
                    {
                        return new ZooKeeperResult<NodeAcl>(error, path, null);
                    }

                    var entries = JuteRecords.ReadAcl(ref reader);
                    return new ZooKeeperResult<NodeAcl>(error, path, new NodeAcl(entries, JuteRecords.ReadStat(ref reader)));
                }),
            cancellationToken);

    /// <summary>Sets a node's access list.</summary>
    /// <param name="path">The node.</param>
    /// <param name="acl">The list.</param>
    /// <param name="aclVersion">The expected version of the list (<see cref="NodeStat.AclVersion"/>); -1 matches any.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ZooKeeperResult<NodeStat>> SetAclAsync(
        string path, IReadOnlyCollection<AclEntry> acl, int aclVersion, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(acl);
        return SendAsync(
            new PendingRequest<ZooKeeperResult<NodeStat>>(
                OpCode.SetAcl,
                RequestBodies.SetAcl(ServerPath(path), acl, aclVersion),
                isRepeatable: false,
                (error, _, ref reader) => new ZooKeeperResult<NodeStat>(error, path, error == ZooKeeperError.Ok ? JuteRecords.ReadStat(ref reader) : null)),
            cancellationToken);
    }

    /// <summary>Runs operations as one transaction: all take effect or none does.</summary>
    /// <param name="operations">The operations.</param>
    /// <param name="acl">The access list of the nodes that they create; null is open to all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<ZooKeeperMultiResult> MultiAsync(
        IReadOnlyList<MultiOperation> operations, IReadOnlyCollection<AclEntry>? acl = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        MultiOperation[] own = [.. operations];
        foreach (var operation in own)
        {
            NodePath.Validate(operation is MultiOperation.Create { Mode: CreateMode.PersistentSequential or CreateMode.EphemeralSequential }
                ? operation.Path + "0"
                : operation.Path);
        }

        return own.Length == 0
            ? Task.FromResult(new ZooKeeperMultiResult(ZooKeeperError.Ok, -1, []))
            : SendAsync(
                new PendingRequest<ZooKeeperMultiResult>(
                    OpCode.Multi,
                    RequestBodies.Multi(own, acl ?? AclEntry.OpenToAll, Prefixed),
                    isRepeatable: false,
                    (error, zxid, ref reader) => new MultiAnswer(own, zxid, SessionId, ClientPath).Read(error, ref reader)),
                cancellationToken);
    }

    /// <summary>Proves an identity on this connection and on every later one.</summary>
    /// <exception cref="ZooKeeperAuthFailedException">It is refused; the session is over.</exception>
    public async Task AddAuthAsync(AuthInfo auth, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(auth);
        await SendAsync(
            new PendingRequest<ZooKeeperError>(OpCode.Auth, RequestBodies.Auth(auth), isRepeatable: true, (error, _, ref _) =>
            {
                lock (_authLock)
                {
                    _auth.Add(auth);
                }

                return error;
            }),
            cancellationToken);
    }

    /// <summary>Creates the chroot of the connect string, where it is missing.</summary>
    public async Task EnsureChrootAsync(IReadOnlyCollection<AclEntry>? acl = null, CancellationToken cancellationToken = default)
    {
        for (var end = _chroot.IndexOf('/', Math.Min(1, _chroot.Length)); _chroot.Length > 0; end = _chroot.IndexOf('/', end + 1))
        {
            var path = end < 0 ? _chroot : _chroot[..end];
            var body = RequestBodies.Create(path, ReadOnlyMemory<byte>.Empty, acl ?? AclEntry.OpenToAll, ZNodeMode.Persistent, null);
            var error = await SendAsync(
                new PendingRequest<ZooKeeperError>(OpCode.Create2, body, isRepeatable: true, static (error, _, ref _) => error), cancellationToken);
            if (error is not (ZooKeeperError.Ok or ZooKeeperError.NodeExists))
            {
                throw new ZooKeeperOperationException(error, path);
            }

            if (end < 0)
            {
                return;
            }
        }
    }

    private static bool IsSequential(ZNodeMode mode)
        => mode is ZNodeMode.PersistentSequential or ZNodeMode.EphemeralSequential or ZNodeMode.PersistentSequentialWithTtl;

    private static WatchIntent? Intent(WatchKind kind, string path, Action<WatchEvent>? watch) => watch is null ? null : new WatchIntent(kind, path, watch);
}
