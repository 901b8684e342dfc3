using System.Net;
using System.Net.Sockets;

namespace OrleansStream.Engine.Networking;

/// <summary>
/// A TCP connection that carries frames: four bytes of length, little endian, then so many bytes.
/// Sending is thread-safe; many messages share one write when they queue up.
/// </summary>
/// <remarks>
/// It stands on the socket rather than on a pipe: a large frame is received straight into its own array and a large
/// payload is sent straight from its owner's memory, which spares two copies and most of the system calls of 4 KiB each.
/// </remarks>
internal sealed partial class FrameConnection : IAsyncDisposable
{
    /// <summary>The bytes of the length before each frame.</summary>
    internal const int LengthPrefixBytes = sizeof(uint);

    private readonly Socket _socket;
    private readonly FrameConnectionOptions _options;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Sender _sender;
    private IFrameHandler _handler = null!;
    private Exception? _closeReason;
    private int _isClosed;
    private long _receivedBytes;

    /// <summary>Takes ownership of a connected socket. Nothing is read before <see cref="Start"/>.</summary>
    public FrameConnection(Socket socket, FrameConnectionOptions options)
    {
        _socket = socket;
        _options = options;
        socket.NoDelay = true;

        // A peer that vanished without a word (a cut cable, a machine that lost power) is noticed within a minute.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        RemoteEndPoint = socket.RemoteEndPoint;
        _sender = new Sender(this);
    }

    /// <summary>The peer's address.</summary>
    public EndPoint? RemoteEndPoint { get; }

    /// <summary>What the handler keeps with the connection.</summary>
    public object? State { get; set; }

    /// <summary>Completes after <see cref="IFrameHandler.OnClosed"/>; never fails.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Whether nothing can be sent any more.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Grows with everything that arrives, so that a slow large frame counts as a sign of life.</summary>
    public long ReceivedBytes => Volatile.Read(ref _receivedBytes);

    /// <summary>Begins to read.</summary>
    public void Start(IFrameHandler handler)
    {
        _handler = handler;
        _ = Task.Run(ReadAsync);
    }

    /// <summary>Ends the connection at once; what is queued is lost and the handler hears of <paramref name="reason"/>.</summary>
    public void Abort(Exception? reason)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _closeReason = reason;
            _socket.Dispose();
            _sender.Abandon();
        }
    }

    /// <summary>Sends what is queued, within <see cref="FrameConnectionOptions.DrainTimeout"/>, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _sender.WhenIdleAsync().WaitAsync(_options.DrainTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The peer does not read; what is left is dropped.
            Abort(null);
        }

        try
        {
            // The read loop sees the end and closes. Closing under a pending read would reset the connection, and the peer would lose what it has not read.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Abort(null);
        }

        await Closed.ConfigureAwait(false);
    }

    private async Task ReadAsync()
    {
        Exception? error = null;
        try
        {
            await ReceiveAsync().ConfigureAwait(false);
        }
        catch (Exception) when (IsClosed)
        {
            // Closed by this side: the reason is known.
        }
        catch (Exception exception)
        {
            error = exception;
        }

        Abort(error);
        try
        {
            _handler.OnClosed(this, _closeReason);
        }
        finally
        {
            _closed.TrySetResult();
        }
    }
}
