using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Messaging;

/// <summary>A connection that a client or another silo opened to this silo: requests come in, answers go out.</summary>
internal sealed partial class InboundConnection : IFrameHandler, IResponder
{
    private readonly SiloCallRuntime _runtime;
    private readonly ConnectionLimits _limits;
    private readonly ILogger _logger;
    private readonly bool _isGateway;
    private readonly ConcurrentDictionary<long, Action> _cancellations = new();
    private FrameConnection _connection = null!;
    private PeerIdentity? _peer;
    private readonly Lock _roomGate = new();
    private TaskCompletionSource? _room;
    private long _unansweredBytes;
    private int _unansweredCount;

    public InboundConnection(SiloCallRuntime runtime, bool isGateway, ConnectionLimits limits, ILogger logger)
    {
        _runtime = runtime;
        _isGateway = isGateway;
        _limits = limits;
        _logger = logger;
    }

    /// <summary>
    /// A peer that sends requests faster than they are answered, or does not read its answers, is not read for a while:
    /// what it has in flight here is bounded in bytes and in number.
    /// </summary>
    public Task? WhenReadyForMore(FrameConnection connection)
    {
        if (connection.IsFull)
        {
            return connection.WhenRoomAsync();
        }

        if (Volatile.Read(ref _unansweredBytes) < _limits.MaxUnansweredBytes)
        {
            return null;
        }

        lock (_roomGate)
        {
            if (_unansweredBytes < _limits.MaxUnansweredBytes || connection.IsClosed)
            {
                return null;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return GiveSignsUntilAsync(_room.Task);
        }
    }

    // The peer's pings are not read meanwhile; it hears all the same that this silo is there.
    private async Task GiveSignsUntilAsync(Task room)
    {
        using var timer = new PeriodicTimer(OutboundConnection.KeepAliveInterval, _runtime.TimeProvider);
        while (await Task.WhenAny(room, timer.WaitForNextTickAsync().AsTask()).ConfigureAwait(false) != room)
        {
            var pong = OutgoingFrame.Begin(FrameKind.Pong);
            pong.WriteFixed64(0);
            Send(new OutgoingFrame(pong));
        }
    }

    public void OnFrame(FrameConnection connection, ReadOnlyMemory<byte> frame)
    {
        _connection = connection;
        if (_peer is null)
        {
            Greet(frame);
            return;
        }

        switch ((FrameKind)frame.Span[0])
        {
            case FrameKind.Request:
                OnRequest(frame);
                break;
            case FrameKind.Cancel:
                var cancel = new MessageReader(frame);
                cancel.ReadByte();
                if (_cancellations.TryGetValue((long)cancel.ReadFixed64(), out var act))
                {
                    act();
                }

                break;
            case FrameKind.Ping:
                var ping = new MessageReader(frame);
                ping.ReadByte();
                var pong = OutgoingFrame.Begin(FrameKind.Pong);
                pong.WriteFixed64(ping.ReadFixed64());
                Send(new OutgoingFrame(pong));
                break;
            case FrameKind.SystemRequest when !_isGateway:
                _ = AnswerSystemRequestAsync(frame);
                break;
            default:
                throw new InvalidMessageFrameException($"{connection.RemoteEndPoint} sent a frame of kind {frame.Span[0]}, which is not for a {(_isGateway ? "gateway" : "silo")}.");
        }
    }

    public void OnClosed(FrameConnection connection, Exception? error)
    {
        if (_peer is not null)
        {
            _runtime.Connections.Remove(this);
        }

        lock (_roomGate)
        {
            _room?.TrySetResult();
        }

        if (error is not null)
        {
            LogClosed(_logger, connection.RemoteEndPoint?.ToString(), error.Message);
        }
    }

    /// <summary>Whether requests of the peer wait for their answers.</summary>
    public bool HasUnanswered => Volatile.Read(ref _unansweredCount) > 0;

    /// <summary>Tells the peer to send new calls elsewhere.</summary>
    public void SayGoodbye() => Send(new OutgoingFrame(OutgoingFrame.Begin(FrameKind.Goodbye)));

    public void Complete(GrainRequest request, InvocationResult result)
    {
        _cancellations.TryRemove(request.CorrelationId, out _);
        if (request.IsOneWay)
        {
            Release(request.FrameLength);
            return;
        }

        OutgoingFrame frame;
        try
        {
            frame = ResponseFrame.Write(request.CorrelationId, result);
        }
        catch (Exception exception)
        {
            Fail(request, exception);
            return;
        }

        Release(request.FrameLength);
        Answer(request.CorrelationId, frame);
    }

    public void Fail(GrainRequest request, Exception exception)
    {
        _cancellations.TryRemove(request.CorrelationId, out _);
        Release(request.FrameLength);
        if (request.IsOneWay)
        {
            LogOneWayFailed(_logger, exception, request.Target.ToString(), request.Invocation?.Method.MethodName);
            return;
        }

        Answer(request.CorrelationId, ResponseFrame.Write(request.CorrelationId, exception));
    }

    private void Greet(ReadOnlyMemory<byte> frame)
    {
        try
        {
            if (frame.Length > Handshake.MaxHelloLength)
            {
                throw new ConnectionRefusedException("The first frame is too large to be a hello.");
            }

            var peer = Handshake.ReadHello(frame, _runtime.Self.ClusterId);
            if (_isGateway != peer.Silo is null)
            {
                throw new ConnectionRefusedException(_isGateway ? "This is a gateway, for clients; silos connect to the silo port." : "This is the silo port; clients connect to the gateway port.");
            }

            _peer = peer;
            Send(Handshake.Welcome(_runtime.Self, _runtime.Manifest));
            _runtime.Connections.Add(this);
        }
        catch (Exception exception)
        {
            LogRefused(_logger, _connection.RemoteEndPoint?.ToString(), exception.Message);
            Send(Handshake.Refused(exception.Message));
            _ = _connection.DisposeAsync().AsTask();
        }
    }

    private void OnRequest(ReadOnlyMemory<byte> frame)
    {
        var reader = new MessageReader(frame) { RuntimeContext = _runtime };
        var head = RequestFrame.ReadHead(ref reader);
        Interlocked.Add(ref _unansweredBytes, head.FrameLength);
        if (Interlocked.Increment(ref _unansweredCount) > _limits.MaxUnansweredCount)
        {
            Refuse(head, new GatewayTooBusyException($"{_limits.MaxUnansweredCount} calls of this connection are unanswered."));
            return;
        }

        try
        {
            var location = _runtime.Locate(head.GrainId, head.Hops);
            if (!location.IsCompletedSuccessfully)
            {
                _ = RouteLaterAsync(location, head, frame);
            }
            else if (location.Result is { } silo)
            {
                Forward(silo, head, frame);
            }
            else
            {
                var request = RequestFrame.ReadBody(head, ref reader, this);
                Run(request);
            }
        }
        catch (Exception exception)
        {
            Refuse(head, exception);
        }
    }

    private async Task RouteLaterAsync(ValueTask<SiloAddress?> location, RequestHead head, ReadOnlyMemory<byte> frame)
    {
        try
        {
            if (await location.ConfigureAwait(false) is { } silo)
            {
                Forward(silo, head, frame);
            }
            else
            {
                Run(ReadAgain(head, frame));
            }
        }
        catch (Exception exception)
        {
            Refuse(head, exception);
        }
    }

    private GrainRequest ReadAgain(in RequestHead head, ReadOnlyMemory<byte> frame)
    {
        var reader = new MessageReader(frame) { RuntimeContext = _runtime };
        RequestFrame.ReadHead(ref reader);
        return RequestFrame.ReadBody(head, ref reader, this);
    }

    private void Run(GrainRequest request)
    {
        request.PrepareCancellation();
        if (!request.IsOneWay && request.CanBeCancelled)
        {
            _cancellations[request.CorrelationId] = request.Cancel;
        }

        _runtime.RunHere(request);
    }

    private void Forward(SiloAddress silo, RequestHead head, ReadOnlyMemory<byte> frame)
    {
        var connecting = _runtime.Connections.ConnectAsync(silo);
        if (connecting.IsCompletedSuccessfully)
        {
            Forward(connecting.Result, head, frame);
        }
        else
        {
            _ = ForwardLaterAsync(connecting, head, frame);
        }
    }

    private async Task ForwardLaterAsync(ValueTask<OutboundConnection> connecting, RequestHead head, ReadOnlyMemory<byte> frame)
    {
        try
        {
            Forward(await connecting.ConfigureAwait(false), head, frame);
        }
        catch (Exception exception)
        {
            Refuse(head, exception);
        }
    }

    private void Forward(OutboundConnection target, in RequestHead head, ReadOnlyMemory<byte> frame)
    {
        if (head.IsOneWay)
        {
            target.Forward(frame, null);
            Release(head.FrameLength);
            return;
        }

        var relay = new Relay(this, head.CorrelationId, head.FrameLength, _runtime.TimeProvider.GetTimestamp());
        var id = target.Forward(frame, relay);
        _cancellations[head.CorrelationId] = () => target.SendCancel(id);
        if (relay.IsDone)
        {
            _cancellations.TryRemove(head.CorrelationId, out _);
        }
    }

    private void Release(int frameLength)
    {
        Interlocked.Decrement(ref _unansweredCount);
        if (Interlocked.Add(ref _unansweredBytes, -frameLength) < _limits.MaxUnansweredBytes && Volatile.Read(ref _room) is not null)
        {
            lock (_roomGate)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }
    }

    private void Refuse(in RequestHead head, Exception exception)
    {
        Release(head.FrameLength);
        if (!head.IsOneWay)
        {
            Answer(head.CorrelationId, ResponseFrame.Write(head.CorrelationId, exception));
        }
        else
        {
            LogOneWayFailed(_logger, exception, head.GrainId.ToString(), null);
        }
    }

    private async Task AnswerSystemRequestAsync(ReadOnlyMemory<byte> frame)
    {
        var correlationId = ReadSystemHead(frame);
        OutgoingFrame answer;
        try
        {
            var result = await _runtime.SystemRequests.HandleAsync(frame.Span[1], frame[SystemHeadLength..]).ConfigureAwait(false);
            answer = ResponseFrame.Write(correlationId, result);
        }
        catch (Exception exception)
        {
            answer = ResponseFrame.Write(correlationId, exception);
        }

        Send(answer);
    }

    private const int SystemHeadLength = 10;

    private static long ReadSystemHead(ReadOnlyMemory<byte> frame)
    {
        var reader = new MessageReader(frame);
        reader.ReadByte();
        reader.ReadByte();
        return (long)reader.ReadFixed64();
    }

    private void Answer(long correlationId, OutgoingFrame frame)
    {
        try
        {
            Send(frame);
        }
        catch (InvalidMessageFrameException exception)
        {
            frame.Finish();
            Send(ResponseFrame.Write(correlationId, exception));
        }
    }

    private void Send(OutgoingFrame frame)
    {
        if (!_connection.TrySendNow(frame))
        {
            frame.Finish();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a connection from {Remote}: {Reason}")]
    private static partial void LogRefused(ILogger logger, string? remote, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The connection from {Remote} ended: {Reason}")]
    private static partial void LogClosed(ILogger logger, string? remote, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A one-way call of grain {Grain} method {Method} failed.")]
    private static partial void LogOneWayFailed(ILogger logger, Exception exception, string grain, string? method);

    /// <summary>A request that was passed on to another silo, whose answer goes back to the peer.</summary>
    private sealed class Relay(InboundConnection origin, long correlationId, int frameLength, long startTimestamp) : IPendingResponse
    {
        // The caller gives up first; this only keeps a silo that never answers from being waited for for ever.
        private const int PatienceFactor = 2;
        private int _isDone;

        public bool IsDone => Volatile.Read(ref _isDone) != 0;

        public void OnResponse(ReadOnlyMemory<byte> frame)
        {
            if (TryEnd())
            {
                var answer = ResponseFrame.Forward(frame, correlationId);
                if (MemoryMarshal.TryGetMemoryManager<byte, PooledFrame>(frame, out var pooled))
                {
                    answer.WhenFinished(((IDisposable)pooled).Dispose);
                }

                origin.Send(answer);
            }
        }

        public void OnBroken(Exception exception)
        {
            if (TryEnd())
            {
                origin.Answer(correlationId, ResponseFrame.Write(correlationId, exception));
            }
        }

        public bool EndIfExpired(long timestamp)
        {
            var runtime = origin._runtime;
            return runtime.TimeProvider.GetElapsedTime(startTimestamp, timestamp) >= runtime.ResponseTimeout * PatienceFactor && TryEnd();
        }

        private bool TryEnd()
        {
            if (Interlocked.Exchange(ref _isDone, 1) != 0)
            {
                return false;
            }

            origin._cancellations.TryRemove(correlationId, out _);
            origin.Release(frameLength);
            return true;
        }
    }
}
