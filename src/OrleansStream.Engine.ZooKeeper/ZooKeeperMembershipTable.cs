using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansStream.Engine.Membership;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper;

namespace OrleansStream.Engine.ZooKeeper;

/// <summary>
/// The table in ZooKeeper: the version of the node <c>/ClusterId.embedded</c> is the table's, each silo is a child of it, and both
/// change in one transaction. Silos are not ephemeral: who is dead, the others' probes and votes decide.
/// </summary>
internal sealed class ZooKeeperMembershipTable : IMembershipTable, IAsyncDisposable
{
    // Dead silos are remembered up to this many, so that a table does not grow for ever.
    private const int MaxDeadCount = 25;

    // The node of the bare name is Microsoft Orleans' table: brokers that change the engine must not read the other's rows.
    private const string NodeSuffix = "embedded";

    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _subscribersLock = new();
    private readonly string _connectionString;
    private readonly string _clusterId;
    private readonly string _root;
    private readonly bool _isReader;
    private readonly RenewedSession _session;
    private volatile bool _isDisposed;
    private Action? _changed;

    /// <param name="connectionString">The ensemble, and a chroot.</param>
    /// <param name="clusterId">The table's name.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where sessions that end are told of.</param>
    /// <param name="isReader">Whether a table that is not there is left alone: it is the silos who make it.</param>
    public ZooKeeperMembershipTable(string connectionString, string clusterId, TimeProvider time, ILogger logger, bool isReader = false)
    {
        _isReader = isReader;
        _connectionString = connectionString;
        _clusterId = clusterId;
        _root = $"/{clusterId}.{NodeSuffix}";
        _session = new RenewedSession(() => OptionsFor(connectionString, time, logger), isReader ? null : CreateTableAsync);
    }

    public Task<MembershipView> ReadAsync(CancellationToken cancellationToken)
        => WithClientAsync(client => ReadAsync(client, cancellationToken), cancellationToken);

    public Task<bool> TryWriteAsync(MemberRecord record, long expectedVersion, CancellationToken cancellationToken)
        => WithClientAsync(
            async client =>
            {
                // Rows change with the table's version only: what is read here holds if the write succeeds.
                var view = await ReadAsync(client, cancellationToken).ConfigureAwait(false);
                if (view.Version != expectedVersion)
                {
                    return false;
                }

                var path = PathOf(record.Silo);
                var row = MemberRow.Write(record);
                var operations = new List<MultiOperation>
                {
                    new MultiOperation.SetData(_root, default, checked((int)expectedVersion)),
                    view.Find(record.Silo) is null ? new MultiOperation.Create(path, row) : new MultiOperation.SetData(path, row, -1),
                };
                operations.AddRange(view.Members
                    .Where(member => member.Status == SiloStatus.Dead && !member.Silo.Equals(record.Silo))
                    .OrderByDescending(member => member.Silo.Generation)
                    .Skip(MaxDeadCount)
                    .Select(member => new MultiOperation.Delete(PathOf(member.Silo), -1)));
                var result = await client.MultiAsync(operations, null, cancellationToken).ConfigureAwait(false);
                return result.Error switch
                {
                    ZooKeeperError.Ok => true,
                    ZooKeeperError.BadVersion or ZooKeeperError.NodeExists or ZooKeeperError.NoNode => false,
                    var error => throw new ZooKeeperOperationException(error, path),
                };
            },
            cancellationToken);

    public IDisposable Subscribe(Action changed)
    {
        lock (_subscribersLock)
        {
            _changed += changed;
        }

        return new Subscription(this, changed);
    }

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return _session.DisposeAsync();
    }

    private async Task<MembershipView> ReadAsync(ZooKeeperClient client, CancellationToken cancellationToken)
    {
        _ = client.SyncAsync(_root, cancellationToken);
        while (true)
        {
            // The watch is the same delegate each time, so it is set once.
            var before = await client.GetDataAsync(_root, OnChanged, cancellationToken).ConfigureAwait(false);
            if (_isReader && before.Error == ZooKeeperError.NoNode)
            {
                throw new OrleansException($"There is no cluster '{_clusterId}' in ZooKeeper at {_connectionString}: no silo has registered there.");
            }

            var names = (await client.GetChildrenAsync(_root, null, cancellationToken).ConfigureAwait(false)).Value.Names;
            var reads = names.Select(name => client.GetDataAsync($"{_root}/{name}", null, cancellationToken)).ToArray();
            var after = client.ExistsAsync(_root, null, cancellationToken);
            var rows = await Task.WhenAll(reads).ConfigureAwait(false);
            if ((await after.ConfigureAwait(false)).Value.Version == before.Value.Stat.Version)
            {
                return new MembershipView(before.Value.Stat.Version, rows.Select(row => MemberRow.Read(row.Path, row.Value.Data.Span)));
            }
        }
    }

    private string PathOf(SiloAddress silo) => $"{_root}/{silo.ToParsableString()}";

    private void OnChanged(WatchEvent watchEvent)
    {
        if (!_isDisposed)
        {
            Volatile.Read(ref _changed)?.Invoke();
        }
    }

    /// <exception cref="OrleansException">ZooKeeper cannot be reached, or refuses.</exception>
    private async Task<T> WithClientAsync<T>(Func<ZooKeeperClient, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(await _session.GetAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZooKeeperException or ObjectDisposedException)
        {
            throw new OrleansException($"The membership table in ZooKeeper ({_connectionString}) cannot be used: {e.Message}", e);
        }
    }

    private static ZooKeeperOptions OptionsFor(string connectionString, TimeProvider time, ILogger logger)
        => ConnectString.TryParse(connectionString, out var connectString, out var problem)
            ? new ZooKeeperOptions
            {
                ConnectString = connectString,
                SessionTimeout = SessionTimeout,
                ConnectionTimeout = SessionTimeout,
                RequestWait = SessionTimeout,
                Time = time,
                Logger = logger,
            }
            : throw new OrleansConfigurationException($"The ConnectionString of ZooKeeper is not valid: {problem}");

    private async Task CreateTableAsync(ZooKeeperClient client, CancellationToken cancellationToken)
    {
        await client.EnsureChrootAsync(null, cancellationToken).ConfigureAwait(false);
        var created = await client.CreateAsync(_root, default, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (created.Error is not (ZooKeeperError.Ok or ZooKeeperError.NodeExists))
        {
            throw new ZooKeeperOperationException(created.Error, _root);
        }
    }

    private sealed class Subscription(ZooKeeperMembershipTable table, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (table._subscribersLock)
            {
                table._changed -= changed;
            }
        }
    }
}
