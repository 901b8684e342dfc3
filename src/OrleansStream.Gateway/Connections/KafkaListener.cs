using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrleansStream.Gateway.Requests;

namespace OrleansStream.Gateway.Connections;

/// <summary>Accepts Kafka clients on one address and keeps the bounds that span connections.</summary>
internal sealed partial class KafkaListener : IAsyncDisposable
{
    private const int Backlog = 1024;

    private readonly KafkaGatewayOptions _options;
    private readonly RequestDispatcher _dispatcher;
    private readonly RequestMemory _memory;
    private readonly ConnectionLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger<KafkaListener> _logger;
    private readonly ConcurrentDictionary<KafkaConnection, Task> _connections = new();
    private Socket? _socket;
    private ITimer? _idleSweep;
    private Task _accepting = Task.CompletedTask;
    private volatile bool _isStopping;
    private long _lastConnectionId;

    /// <summary>Makes a listener that does not listen yet.</summary>
    public KafkaListener(KafkaGatewayOptions options, RequestDispatcher dispatcher, ConnectionLimits limits, TimeProvider time, ILogger<KafkaListener> logger)
    {
        _options = options;
        _dispatcher = dispatcher;
        _limits = limits;
        _memory = new RequestMemory(options.QueuedMaxRequestBytes);
        _time = time;
        _logger = logger;
    }

    /// <summary>The address, with the port that was chosen when 0 was asked for.</summary>
    public IPEndPoint? LocalEndPoint => _socket?.LocalEndPoint as IPEndPoint;

    /// <summary>The connections that are open.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Takes the address and begins to accept.</summary>
    /// <exception cref="IOException">The address cannot be used; the message names it and the reason.</exception>
    public void Start()
    {
        var socket = new Socket(_options.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(_options.EndPoint);
            socket.Listen(Backlog);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException($"Cannot listen for Kafka clients on {_options.EndPoint}: {exception.Message}. Choose another --kafka-port.", exception);
        }

        _socket = socket;
        _accepting = Task.Run(() => AcceptAsync(socket));
        if (_options.ConnectionsMaxIdleMs > 0)
        {
            var period = TimeSpan.FromMilliseconds(Math.Clamp(_options.ConnectionsMaxIdleMs / 10.0, 10, 60_000));
            _idleSweep = _time.CreateTimer(_ => CloseIdle(), null, period, period);
        }
    }

    /// <summary>Stops in good order: no new connection, no new request, the requests in work are answered, then all is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        _socket?.Dispose();
        if (_idleSweep is not null)
        {
            await _idleSweep.DisposeAsync();
        }

        await _accepting;
        foreach (var connection in _connections.Keys)
        {
            connection.StopReading();
        }

        var all = Task.WhenAll(_connections.Values);
        try
        {
            await all.WaitAsync(_options.DrainTimeout, _time);
        }
        catch (TimeoutException)
        {
            LogDrainTimedOut(_connections.Count, _options.DrainTimeout);
            foreach (var connection in _connections.Keys)
            {
                // A grain call that never ends must not keep the broker from stopping, so the rest is not waited for.
                connection.Abort();
            }
        }
    }

    private async Task AcceptAsync(Socket listening)
    {
        while (!_isStopping)
        {
            try
            {
                Admit(await listening.AcceptAsync());
            }
            catch (Exception) when (_isStopping)
            {
                return;
            }
            catch (SocketException exception)
            {
                // The client gave up before it was accepted, or descriptors ran out; the next attempt may work.
                LogAcceptFailed(exception, _options.EndPoint);
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time);
            }
        }
    }

    private void Admit(Socket socket)
    {
        var (maxConnections, maxConnectionsPerIp) = _limits.Current;
        if (_connections.Count >= maxConnections)
        {
            LogTooManyConnections(socket.RemoteEndPoint, maxConnections);
            socket.Dispose();
            return;
        }

        if (maxConnectionsPerIp < maxConnections && CountFrom(socket.RemoteEndPoint) >= maxConnectionsPerIp)
        {
            LogTooManyOfAddress(socket.RemoteEndPoint, maxConnectionsPerIp);
            socket.Dispose();
            return;
        }

        socket.NoDelay = true;
        var client = new ClientState(Interlocked.Increment(ref _lastConnectionId), socket.RemoteEndPoint);
        var connection = new KafkaConnection(
            socket, new NetworkStream(socket), client, _options, _dispatcher, _memory, _time, _logger);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ServeAsync(connection, start.Task);
        start.SetResult();
    }

    /// <summary>Only asked when there is a bound: the count goes over all connections.</summary>
    private int CountFrom(EndPoint? remote)
        => _connections.Keys.Count(connection => connection.Client.RemoteEndPoint is IPEndPoint open && remote is IPEndPoint added && open.Address.Equals(added.Address));

    private async Task ServeAsync(KafkaConnection connection, Task registered)
    {
        await registered;
        await connection.RunAsync();
        _connections.TryRemove(connection, out _);
    }

    private void CloseIdle()
    {
        var limit = TimeSpan.FromMilliseconds(_options.ConnectionsMaxIdleMs);
        foreach (var connection in _connections.Keys)
        {
            if (connection.Idle > limit)
            {
                LogIdle(connection.Client, _options.ConnectionsMaxIdleMs);
                connection.Abort();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Accepting a Kafka client on {EndPoint} failed")]
    private partial void LogAcceptFailed(Exception exception, IPEndPoint endPoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refusing a connection from {RemoteEndPoint}: max.connections is {MaxConnections}")]
    private partial void LogTooManyConnections(EndPoint? remoteEndPoint, int maxConnections);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refusing a connection from {RemoteEndPoint}: max.connections.per.ip is {MaxConnectionsPerIp}")]
    private partial void LogTooManyOfAddress(EndPoint? remoteEndPoint, int maxConnectionsPerIp);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Closing {Client}: idle for more than connections.max.idle.ms = {IdleMs}")]
    private partial void LogIdle(ClientState client, long idleMs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} Kafka connections still had requests in work after {Timeout}; closing them")]
    private partial void LogDrainTimedOut(int count, TimeSpan timeout);
}
