using System.Net.Sockets;

namespace OrleansStream.Engine.Networking;

/// <summary>
/// One TCP connection that carries frames: four bytes of length (little endian, without themselves), one byte of kind, the body.
/// </summary>
/// <remarks>
/// It reads and writes the socket itself: a large frame is received straight into the array that its reader slices,
/// and large memories are handed to the socket as they are, so that between the socket and the grain no payload is copied.
/// </remarks>
internal sealed partial class FrameConnection
{
    /// <summary>A sender has to wait, or a receiver stops reading, while this much is not sent.</summary>
    public const long MaxUnsentBytes = 64 * 1024 * 1024;

    private readonly Socket _socket;
    private readonly IFrameHandler _handler;
    private readonly int _maxFrameLength;
    private readonly bool _pauseReadingWhenFull;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isClosed;
    private long _receivedCount;

    /// <summary>Takes over the socket.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <param name="handler">Gets the frames.</param>
    /// <param name="maxFrameLength">The largest length that is accepted, in bytes.</param>
    /// <param name="pauseReadingWhenFull">Whether reading stops while too much is unsent: for the side that answers.</param>
    public FrameConnection(Socket socket, IFrameHandler handler, int maxFrameLength, bool pauseReadingWhenFull)
    {
        _socket = socket;
        _handler = handler;
        _maxFrameLength = maxFrameLength;
        _pauseReadingWhenFull = pauseReadingWhenFull;
        socket.NoDelay = true;
        RemoteName = socket.RemoteEndPoint?.ToString() ?? "?";
        _sender = new Sender(this);
    }

    /// <summary>The other side's address, for messages.</summary>
    public string RemoteName { get; }

    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Completes when the connection is closed and its handler was told.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Grows with everything that arrives, so that a slow large frame counts as life.</summary>
    public long ReceivedCount => Volatile.Read(ref _receivedCount);

    /// <summary>Starts to read. The handler must be ready.</summary>
    public void Start() => _ = ReceiveAsync();

    /// <summary>Closes at once; what is unsent is lost.</summary>
    public void Abort(Exception? error = null)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _closeError = error;
            _socket.Dispose();
            _sender.Abandon();
        }
    }

    /// <summary>Sends what is queued, then closes.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _sender.WhenIdleAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What is unsent by now is lost: the caller's patience is over.
        }

        Abort();
    }

    private Exception? _closeError;
}
