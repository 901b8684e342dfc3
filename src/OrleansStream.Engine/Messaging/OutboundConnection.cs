using System.Collections.Concurrent;
using System.Net;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Messaging;

/// <summary>A connection that this process opened, from a client to a gateway or from a silo to a silo: requests go out, answers come in.</summary>
internal sealed class OutboundConnection : IFrameHandler, IAsyncDisposable
{
    /// <summary>How many calls may wait for room in the queue of unsent frames before further ones fail.</summary>
    private const int MaxWaitingCount = 10_000;

    /// <summary>
    /// How often it is looked whether anything has come. A process that is stopped, or a machine that is gone without a word, keeps its
    /// callers waiting for no more than four intervals: by then a broker's leaderships are elsewhere, and the calls can be made there.
    /// </summary>
    internal static readonly TimeSpan KeepAliveInterval = TimeSpan.FromMilliseconds(750);

    private const int MaxSilentIntervalsWhenAwaited = 3;

    // Nobody waits: there is time, and pings cost something on each of many connections.
    private const int MaxSilentIntervals = 20;
    private const int IntervalsBetweenIdlePings = 6;

    private readonly ConcurrentDictionary<long, IPendingResponse> _pending = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _pings = new();
    private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _welcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IPEndPoint _endPoint;
    private FrameConnection _connection = null!;
    private ITimer? _keepAlive;
    private long _lastId;
    private long _receivedBefore;
    private int _silentIntervals;
    private int _silentIntervalsWhenAwaited;
    private int _waitingCount;

    private OutboundConnection(IPEndPoint endPoint)
    {
        _endPoint = endPoint;
    }

    /// <summary>Who is at the other end.</summary>
    public PeerIdentity Peer { get; private set; } = null!;

    /// <summary>The grains that the other end has.</summary>
    public IReadOnlyList<(string InterfaceName, GrainType GrainType, string ClassName)> Manifest { get; private set; } = [];

    public bool IsClosed => _connection.IsClosed;

    /// <summary>Whether the other end shuts down and wants no new calls.</summary>
    public bool IsLeaving { get; private set; }

    public Task Closed => _connection.Closed;

    /// <summary>Connects and shakes hands.</summary>
    /// <exception cref="ConnectionFailedException">Nobody answers there.</exception>
    /// <exception cref="ConnectionRefusedException">The other end refuses, and says why.</exception>
    public static async Task<OutboundConnection> ConnectAsync(
        IPEndPoint endPoint,
        PeerIdentity self,
        FrameConnectionOptions options,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        var outbound = new OutboundConnection(endPoint);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        outbound._connection = await FrameConnector.ConnectAsync(endPoint, options, outbound, cancellationToken).ConfigureAwait(false);
        try
        {
            outbound._connection.TrySendNow(Handshake.Hello(self));
            var welcome = await outbound._welcome.Task.WaitAsync(limit.Token).ConfigureAwait(false);
            (outbound.Peer, outbound.Manifest) = Handshake.ReadWelcome(welcome);
            outbound.StartKeepAlive(timeProvider);
            return outbound;
        }
        catch (Exception exception)
        {
            outbound._connection.Abort(exception);
            cancellationToken.ThrowIfCancellationRequested();
            throw exception is OperationCanceledException
                ? new ConnectionFailedException($"{endPoint} accepted the connection but did not answer within {options.ConnectTimeout}.", exception)
                : exception;
        }
    }

    /// <summary>Sends a call.</summary>
    public void Send(PendingCall call, int hops)
    {
        OutgoingFrame frame;
        var id = Interlocked.Increment(ref _lastId);
        try
        {
            frame = RequestFrame.Write(id, hops, call.Target);
        }
        catch (Exception exception)
        {
            call.Fail(exception);
            return;
        }

        _pending[id] = call;
        call.Bind(this, frame, id);
        Enqueue(id, frame, call);
    }

    /// <summary>Sends a call that nobody waits for; it is lost when the connection breaks.</summary>
    public void SendOneWay(in CallTarget call, int hops) => SendOrDrop(RequestFrame.Write(0, hops, call));

    /// <summary>Passes a frame with a request on; the id that it gets here.</summary>
    public long Forward(ReadOnlyMemory<byte> frame, IPendingResponse? pending)
    {
        var id = Interlocked.Increment(ref _lastId);
        var forwarded = RequestFrame.Forward(frame, id);
        if (pending is null)
        {
            SendOrDrop(forwarded);
        }
        else
        {
            _pending[id] = pending;
            Enqueue(id, forwarded, pending);
        }

        return id;
    }

    /// <summary>Sends a request of the runtime and waits for the answer.</summary>
    /// <exception cref="OrleansMessageRejectionException">The connection broke.</exception>
    public async Task<ReadOnlyMemory<byte>> RequestAsync(byte operation, Action<MessageWriter> write, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        var writer = OutgoingFrame.Begin(FrameKind.SystemRequest);
        writer.WriteByte(operation);
        writer.WriteFixed64((ulong)id);
        write(writer);
        var pending = new SystemCall();
        _pending[id] = pending;
        Enqueue(id, new OutgoingFrame(writer), pending);
        try
        {
            return await pending.Response.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Forget(id);
        }
    }

    /// <summary>Waits for a sign of life.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        var pong = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pings[id] = pong;
        try
        {
            var writer = OutgoingFrame.Begin(FrameKind.Ping);
            writer.WriteFixed64((ulong)id);
            SendOrDrop(new OutgoingFrame(writer));
            if (IsClosed)
            {
                throw Broken(null);
            }

            await pong.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _pings.TryRemove(id, out _);
        }
    }

    /// <summary>The answer of a call is no longer waited for.</summary>
    public void Forget(long id) => _pending.TryRemove(id, out _);

    public void SendCancel(long id) => SendOrDrop(RequestFrame.Cancel(id));

    /// <summary>Ends the calls whose time is over.</summary>
    public void EndExpired(long timestamp)
    {
        foreach (var (id, pending) in _pending)
        {
            if (pending.EndIfExpired(timestamp))
            {
                Forget(id);
            }
        }
    }

    public void Abort(Exception? reason) => _connection.Abort(reason);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    // What arrives are answers: each was asked for.
    Task? IFrameHandler.WhenReadyForMore(FrameConnection connection) => null;

    void IFrameHandler.OnFrame(FrameConnection connection, ReadOnlyMemory<byte> frame)
    {
        switch ((FrameKind)frame.Span[0])
        {
            case FrameKind.Welcome or FrameKind.Refused:
                _welcome.TrySetResult(frame);
                break;
            case FrameKind.Response:
                var reader = new MessageReader(frame);
                if (_pending.TryRemove(ResponseFrame.ReadHead(ref reader).CorrelationId, out var pending))
                {
                    pending.OnResponse(frame);
                }

                break;
            case FrameKind.Pong:
                var pong = new MessageReader(frame);
                pong.ReadByte();
                if (_pings.TryRemove((long)pong.ReadFixed64(), out var waiting))
                {
                    waiting.TrySetResult();
                }

                break;
            case FrameKind.Goodbye:
                IsLeaving = true;
                break;
            default:
                throw new InvalidMessageFrameException($"{_endPoint} sent a frame of kind {frame.Span[0]}, which is not for whoever opened the connection.");
        }
    }

    void IFrameHandler.OnClosed(FrameConnection connection, Exception? error)
    {
        _keepAlive?.Dispose();
        _welcome.TrySetException(new ConnectionFailedException($"{_endPoint} closed the connection before it answered.", error ?? new IOException("Closed.")));
        _ = _welcome.Task.Exception;
        var broken = Broken(error);
        foreach (var (_, ping) in _pings)
        {
            ping.TrySetException(broken);
        }

        FailPending(error);
    }

    private void Enqueue(long id, OutgoingFrame frame, IPendingResponse pending)
    {
        try
        {
            if (_connection.TrySend(frame))
            {
                // The connection may have been closed just before the call became pending.
                if (IsClosed)
                {
                    FailPending(null);
                }

                return;
            }

            if (!IsClosed)
            {
                if (Interlocked.Increment(ref _waitingCount) > MaxWaitingCount)
                {
                    Interlocked.Decrement(ref _waitingCount);
                    throw new LimitExceededException($"{MaxWaitingCount} calls wait already to be sent to {_endPoint}, which does not keep up.");
                }

                _ = EnqueueLaterAsync(id, frame, pending);
                return;
            }

            throw Broken(null);
        }
        catch (Exception exception)
        {
            frame.Finish();
            Forget(id);
            pending.OnBroken(exception);
        }
    }

    private async Task EnqueueLaterAsync(long id, OutgoingFrame frame, IPendingResponse pending)
    {
        try
        {
            await _connection.SendAsync(frame, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            frame.Finish();
            Forget(id);
            pending.OnBroken(Broken(exception));
        }
        finally
        {
            Interlocked.Decrement(ref _waitingCount);
        }
    }

    private void SendOrDrop(OutgoingFrame frame)
    {
        var isQueued = false;
        try
        {
            isQueued = _connection.TrySendNow(frame);
        }
        finally
        {
            if (!isQueued)
            {
                frame.Finish();
            }
        }
    }

    private void FailPending(Exception? error)
    {
        foreach (var (id, _) in _pending)
        {
            if (_pending.TryRemove(id, out var pending))
            {
                pending.OnBroken(Broken(error));
            }
        }
    }

    private SiloUnavailableException Broken(Exception? error)
    {
        var message = $"The connection to {Peer?.Name} {_endPoint} is closed; whether a call that was on its way was executed is not known.";
        return error is null ? new SiloUnavailableException(message) : new SiloUnavailableException(message, error);
    }

    private void StartKeepAlive(TimeProvider timeProvider)
    {
        var timer = timeProvider.CreateTimer(static state => ((OutboundConnection)state!).KeepAlive(), this, KeepAliveInterval, KeepAliveInterval);
        Interlocked.Exchange(ref _keepAlive, timer);
        if (IsClosed)
        {
            // Whoever closed it may not have seen the timer.
            timer.Dispose();
        }
    }

    private void KeepAlive()
    {
        var received = _connection.ReceivedBytes;
        if (received != _receivedBefore)
        {
            _receivedBefore = received;
            _silentIntervals = _silentIntervalsWhenAwaited = 0;
            return;
        }

        _silentIntervals++;
        var isAwaited = !_pending.IsEmpty || !_pings.IsEmpty;
        _silentIntervalsWhenAwaited = isAwaited ? _silentIntervalsWhenAwaited + 1 : 0;
        if (_silentIntervalsWhenAwaited > MaxSilentIntervalsWhenAwaited || _silentIntervals > MaxSilentIntervals)
        {
            _connection.Abort(new ConnectionFailedException($"{_endPoint} was silent for {KeepAliveInterval * _silentIntervals}."));
        }
        else if (isAwaited || _silentIntervals % IntervalsBetweenIdlePings == 0)
        {
            var writer = OutgoingFrame.Begin(FrameKind.Ping);
            writer.WriteFixed64(0);
            SendOrDrop(new OutgoingFrame(writer));
        }
    }

    private sealed class SystemCall : IPendingResponse
    {
        private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<ReadOnlyMemory<byte>> Response => _response.Task;

        public void OnResponse(ReadOnlyMemory<byte> frame) => _response.TrySetResult(frame);

        public void OnBroken(Exception exception) => _response.TrySetException(exception);

        public bool EndIfExpired(long timestamp) => false;
    }
}
