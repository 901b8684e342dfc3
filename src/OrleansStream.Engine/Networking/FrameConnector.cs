using System.Net;
using System.Net.Sockets;
using Orleans.Runtime.Messaging;

namespace OrleansStream.Engine.Networking;

/// <summary>Opens connections.</summary>
internal static class FrameConnector
{
    /// <summary>Connects and begins to read.</summary>
    /// <exception cref="ConnectionFailedException">Nobody answers there; the message names the address and the reason.</exception>
    public static async Task<FrameConnection> ConnectAsync(
        IPEndPoint endPoint,
        FrameConnectionOptions options,
        IFrameHandler handler,
        CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            await socket.ConnectAsync(endPoint, limit.Token);
            var connection = new FrameConnection(socket, options);
            connection.Start(handler);
            return connection;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            var reason = exception is SocketException ? exception.Message : $"no answer within {options.ConnectTimeout}";
            throw new ConnectionFailedException($"Cannot connect to {endPoint}: {reason}.", exception);
        }
    }
}
