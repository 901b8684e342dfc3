using System.Collections.Concurrent;
using System.Net;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Messaging;

/// <summary>A silo's connections to other silos, opened when first needed, and those that others opened to it.</summary>
internal sealed class SiloConnections(PeerIdentity self, FrameConnectionOptions options, ConnectionOptions connectionOptions, TimeProvider timeProvider)
{
    private static readonly TimeSpan DrainPollInterval = TimeSpan.FromMilliseconds(5);

    private readonly FrameConnectionOptions _options = options with { PoolsLargeFrames = true };
    private readonly ConcurrentDictionary<SiloAddress, Peer> _peers = new();
    private readonly ConcurrentDictionary<SiloAddress, Peer> _systemPeers = new();
    private readonly ConcurrentDictionary<InboundConnection, byte> _inbound = new();
    private volatile bool _isStopped;

    public void Add(InboundConnection connection) => _inbound[connection] = 0;

    public void Remove(InboundConnection connection) => _inbound.TryRemove(connection, out _);

    /// <summary>The connection to a silo.</summary>
    /// <exception cref="SiloUnavailableException">It cannot be reached, or could not be a moment ago.</exception>
    public ValueTask<OutboundConnection> ConnectAsync(SiloAddress silo)
        => _isStopped
            ? throw new SiloUnavailableException("This silo is stopped.")
            : _peers.GetOrAdd(silo, static (address, owner) => new Peer(owner, address), this).ConnectAsync();

    /// <summary>The connection for probes and membership, apart from calls, so that no amount of data makes a silo look dead.</summary>
    /// <exception cref="SiloUnavailableException">It cannot be reached, or could not be a moment ago.</exception>
    public ValueTask<OutboundConnection> ConnectForSystemAsync(SiloAddress silo)
        => _isStopped
            ? throw new SiloUnavailableException("This silo is stopped.")
            : _systemPeers.GetOrAdd(silo, static (address, owner) => new Peer(owner, address), this).ConnectAsync();

    /// <summary>Opens a connection to an endpoint whose silo is not known yet.</summary>
    public Task<OutboundConnection> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
        => OutboundConnection.ConnectAsync(endPoint, self, _options, timeProvider, cancellationToken);

    /// <summary>Waits, but not longer than <paramref name="patience"/>, until the requests of others are answered, those that were passed on included.</summary>
    public async Task DrainAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var start = timeProvider.GetTimestamp();
        while (_inbound.Any(pair => pair.Key.HasUnanswered) && timeProvider.GetElapsedTime(start) < patience)
        {
            await Task.Delay(DrainPollInterval, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives a dead silo up.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="atOnce">Whether calls that are on their way to it fail now, not when its connections close.</param>
    public void Drop(SiloAddress silo, bool atOnce)
    {
        if (!atOnce)
        {
            _peers.TryRemove(silo, out _);
            _systemPeers.TryRemove(silo, out _);
            return;
        }

        var reason = new SiloUnavailableException($"Silo {silo} was declared dead.");
        if (_peers.TryRemove(silo, out var peer))
        {
            peer.Abort(reason);
        }

        if (_systemPeers.TryRemove(silo, out var systemPeer))
        {
            systemPeer.Abort(reason);
        }
    }

    public void EndExpired(long timestamp)
    {
        foreach (var (_, peer) in _peers)
        {
            peer.Current?.EndExpired(timestamp);
        }
    }

    /// <summary>Tells the clients to go elsewhere.</summary>
    public void SayGoodbye()
    {
        foreach (var (connection, _) in _inbound)
        {
            connection.SayGoodbye();
        }
    }

    /// <summary>Closes the connections to other silos, in good order or at once.</summary>
    public async Task CloseAsync(bool gracefully)
    {
        _isStopped = true;
        foreach (var (_, peer) in _peers.Concat(_systemPeers))
        {
            if (peer.Current is { } connection && gracefully)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }

            peer.Abort(null);
        }
    }

    private sealed class Peer(SiloConnections owner, SiloAddress address)
    {
        private readonly Lock _gate = new();
        private Task<OutboundConnection>? _connecting;
        private OutboundConnection? _current;
        private Exception? _lastError;
        private long _lastFailure;

        public OutboundConnection? Current => Volatile.Read(ref _current);

        public ValueTask<OutboundConnection> ConnectAsync()
        {
            if (Volatile.Read(ref _current) is { IsClosed: false } current)
            {
                return new ValueTask<OutboundConnection>(current);
            }

            lock (_gate)
            {
                if (_current is { IsClosed: false })
                {
                    return new ValueTask<OutboundConnection>(_current);
                }

                if (_connecting is null || _connecting.IsCompleted)
                {
                    if (_lastError is not null && owner.TimeNow(_lastFailure) < owner.RetryDelay)
                    {
                        throw Unavailable(_lastError);
                    }

                    _connecting = OpenAsync();
                }

                return new ValueTask<OutboundConnection>(_connecting);
            }
        }

        public void Abort(Exception? reason) => Volatile.Read(ref _current)?.Abort(reason);

        private async Task<OutboundConnection> OpenAsync()
        {
            await Task.Yield();
            try
            {
                var connection = await owner.ConnectAsync(address.Endpoint, CancellationToken.None).ConfigureAwait(false);
                if (!address.Equals(connection.Peer.Silo))
                {
                    connection.Abort(null);
                    throw new ConnectionFailedException($"At {address.Endpoint} there is now {connection.Peer.Silo}, not {address}.");
                }

                lock (_gate)
                {
                    _lastError = null;
                    Volatile.Write(ref _current, connection);
                }

                return connection;
            }
            catch (Exception exception)
            {
                lock (_gate)
                {
                    _lastError = exception;
                    _lastFailure = owner.Timestamp;
                }

                throw Unavailable(exception);
            }
        }

        private SiloUnavailableException Unavailable(Exception cause) => new($"Silo {address} cannot be reached: {cause.Message}", cause);
    }

    private TimeSpan RetryDelay => connectionOptions.ConnectionRetryDelay;

    private long Timestamp => timeProvider.GetTimestamp();

    private TimeSpan TimeNow(long since) => timeProvider.GetElapsedTime(since);
}
