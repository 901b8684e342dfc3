using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace OrleansStream.Engine.Networking;

/// <summary>Accepts connections on one address.</summary>
internal sealed partial class FrameListener : IAsyncDisposable
{
    private const int Backlog = 512;

    private readonly Socket _socket;
    private readonly FrameConnectionOptions _options;
    private readonly Func<FrameConnection, IFrameHandler> _accept;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<FrameConnection, byte> _connections = new();
    private Task _accepting = Task.CompletedTask;
    private volatile bool _isStopping;

    private FrameListener(Socket socket, FrameConnectionOptions options, Func<FrameConnection, IFrameHandler> accept, ILogger logger)
    {
        _socket = socket;
        _options = options;
        _accept = accept;
        _logger = logger;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>The address, with the port that was chosen when 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Takes the address. Connections wait until <see cref="Start"/>.</summary>
    /// <exception cref="IOException">The address cannot be used; the message names it and the reason.</exception>
    public static FrameListener Bind(
        IPEndPoint endPoint,
        FrameConnectionOptions options,
        Func<FrameConnection, IFrameHandler> accept,
        ILogger logger)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return new FrameListener(socket, options, accept, logger);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException($"Cannot listen on {endPoint}: {exception.Message}.", exception);
        }
    }

    /// <summary>Begins to accept.</summary>
    public void Start() => _accepting = Task.Run(AcceptAsync);

    /// <summary>Takes no further connections; the existing ones stay.</summary>
    public async ValueTask StopAcceptingAsync()
    {
        _isStopping = true;
        _socket.Dispose();
        await _accepting;
    }

    /// <summary>Stops accepting and ends every connection at once.</summary>
    public void Abort()
    {
        _isStopping = true;
        _socket.Dispose();
        foreach (var connection in _connections.Keys)
        {
            connection.Abort(null);
        }
    }

    /// <summary>Stops accepting and closes every connection in good order.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAcceptingAsync();
        await Task.WhenAll(_connections.Keys.Select(connection => connection.DisposeAsync().AsTask()));
    }

    private async Task AcceptAsync()
    {
        while (!_isStopping)
        {
            Socket? accepted = null;
            try
            {
                accepted = await _socket.AcceptAsync();
                Admit(new FrameConnection(accepted, _options));
            }
            catch (Exception) when (_isStopping)
            {
                accepted?.Dispose();
                return;
            }
            catch (SocketException exception) when (accepted is not null)
            {
                // The peer gave up before it was looked at.
                accepted.Dispose();
                LogAcceptFailed(exception, LocalEndPoint);
            }
            catch (SocketException exception)
            {
                // The peer gave up before it was accepted, or descriptors ran out; the next attempt may work.
                LogAcceptFailed(exception, LocalEndPoint);
                await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
            }
        }
    }

    private void Admit(FrameConnection connection)
    {
        _connections[connection] = 0;
        _ = ForgetWhenClosedAsync(connection);
        connection.Start(_accept(connection));
    }

    private async Task ForgetWhenClosedAsync(FrameConnection connection)
    {
        await connection.Closed;
        _connections.TryRemove(connection, out _);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Accepting a connection on {EndPoint} failed")]
    private partial void LogAcceptFailed(Exception exception, IPEndPoint endPoint);
}
