using System.Net;
using System.Net.Sockets;

namespace Orleans.Networking;

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
    private readonly CancellationTokenSource _aborted = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private IFrameHandler _handler = null!;
    private Exception? _closeReason;
    private bool _closing;

    /// <summary>Takes ownership of a connected socket. Nothing is read before <see cref="Start"/>.</summary>
    public FrameConnection(Socket socket, FrameConnectionOptions options)
    {
        _socket = socket;
        _options = options;
        socket.NoDelay = true;
        RemoteEndPoint = socket.RemoteEndPoint;
        LocalEndPoint = socket.LocalEndPoint;
    }

    /// <summary>The peer's address.</summary>
    public EndPoint? RemoteEndPoint { get; }

    /// <summary>The own address.</summary>
    public EndPoint? LocalEndPoint { get; }

    /// <summary>What the handler keeps with the connection.</summary>
    public object? State { get; set; }

    /// <summary>Completes after <see cref="IFrameHandler.OnClosed"/>; never fails.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Begins to read.</summary>
    public void Start(IFrameHandler handler)
    {
        _handler = handler;
        _ = Task.Run(RunAsync);
    }

    /// <summary>Ends the connection at once; what is queued is lost and the handler hears of <paramref name="reason"/>.</summary>
    public void Abort(Exception reason)
    {
        lock (_lock)
        {
            _closeReason ??= reason;
        }

        Stop();
    }

    /// <summary>Takes no more messages, sends what is queued, within <see cref="FrameConnectionOptions.DrainTimeout"/>, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        Task drained;
        lock (_lock)
        {
            _closing = true;
            drained = _pumping ? (_drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }

        try
        {
            await drained.WaitAsync(_options.DrainTimeout);
        }
        catch (TimeoutException)
        {
            // The peer does not read; what is left is dropped.
        }

        Stop();
        await Closed;
        _aborted.Dispose();
    }

    private void Stop()
    {
        lock (_lock)
        {
            _closing = true;
        }

        try
        {
            _aborted.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Disposed meanwhile: stopped already.
        }

        _socket.Dispose();
    }

    private async Task RunAsync()
    {
        Exception? error = null;
        try
        {
            await ReceiveAsync();
        }
        catch (Exception exception)
        {
            error = exception;
        }

        lock (_lock)
        {
            // A reason that was given explains the socket's error that followed from it.
            error = _closeReason ?? (_closing ? null : error);
        }

        Stop();
        FailQueued(error);
        try
        {
            _handler.OnClosed(this, error);
        }
        finally
        {
            _closed.SetResult();
        }
    }
}
