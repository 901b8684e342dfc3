using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansStream.Engine.Membership;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper;

namespace OrleansStream.Engine.ZooKeeper;

/// <summary>
/// The table in ZooKeeper: the version of the node <c>/ClusterId</c> is the table's, each silo is a child of it, and both
/// change in one transaction. Silos are not ephemeral: who is dead, the others' probes and votes decide.
/// </summary>
internal sealed partial class ZooKeeperMembershipTable : IMembershipTable, IAsyncDisposable
{
    // Dead silos are remembered up to this many, so that a table does not grow for ever.
    private const int MaxDeadCount = 25;

    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _subscribersLock = new();
    private readonly string _connectionString;
    private readonly string _root;
    private readonly bool _isReader;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Action? _changed;
    private ZooKeeperClient? _client;

    /// <param name="connectionString">The ensemble, and a chroot.</param>
    /// <param name="clusterId">The table's name.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where sessions that end are told of.</param>
    /// <param name="isReader">Whether a table that is not there is left alone: it is the silos who make it.</param>
    public ZooKeeperMembershipTable(string connectionString, string clusterId, TimeProvider time, ILogger logger, bool isReader = false)
    {
        _isReader = isReader;
        _connectionString = connectionString;
        _root = "/" + clusterId;
        _time = time;
        _logger = logger;
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

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_client is { } client)
            {
                _client = null;
                await client.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
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
                throw new OrleansException($"There is no cluster '{_root[1..]}' in ZooKeeper at {_connectionString}: no silo has registered there.");
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
        if (!_disposed.IsCancellationRequested)
        {
            Volatile.Read(ref _changed)?.Invoke();
        }
    }

    /// <exception cref="OrleansException">ZooKeeper cannot be reached, or refuses.</exception>
    private async Task<T> WithClientAsync<T>(Func<ZooKeeperClient, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(await GetClientAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZooKeeperException or ObjectDisposedException)
        {
            throw new OrleansException($"The membership table in ZooKeeper ({_connectionString}) cannot be used: {e.Message}", e);
        }
    }

    /// <summary>The session, or a new one after the last has ended.</summary>
    private async ValueTask<ZooKeeperClient> GetClientAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _client) is { SessionEnded.IsCancellationRequested: false } current)
        {
            return current;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
            if (_client is { SessionEnded.IsCancellationRequested: false } meanwhile)
            {
                return meanwhile;
            }

            if (_client is { } ended)
            {
                LogSessionEnded(_logger);
                await ended.DisposeAsync().ConfigureAwait(false);
            }

            _client = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            return _client;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<ZooKeeperClient> ConnectAsync(CancellationToken cancellationToken)
    {
        if (!ConnectString.TryParse(_connectionString, out var connectString, out var problem))
        {
            throw new OrleansConfigurationException($"The ConnectionString of ZooKeeper is not valid: {problem}");
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        var client = await ZooKeeperClient.ConnectAsync(
            new ZooKeeperOptions
            {
                ConnectString = connectString,
                SessionTimeout = SessionTimeout,
                ConnectionTimeout = SessionTimeout,
                RequestWait = SessionTimeout,
                Time = _time,
                Logger = _logger,
            },
            either.Token).ConfigureAwait(false);
        if (_isReader)
        {
            return client;
        }

        try
        {
            await client.EnsureChrootAsync(null, either.Token).ConfigureAwait(false);
            var created = await client.CreateAsync(_root, default, cancellationToken: either.Token).ConfigureAwait(false);
            return created.Error is ZooKeeperError.Ok or ZooKeeperError.NodeExists ? client : throw new ZooKeeperOperationException(created.Error, _root);
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The session that the membership table was read in has ended; a new one is made.")]
    private static partial void LogSessionEnded(ILogger logger);

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
