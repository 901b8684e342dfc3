using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Calls;

/// <summary>
/// A call that this process made and waits for. It ends once: with the answer, the caller's cancellation, the time-out or the loss of
/// the connection. Inside a silo it takes the answer itself.
/// </summary>
internal abstract class PendingCall : IResponder, IPendingResponse
{
    private readonly CallRuntime _runtime;
    private readonly CallTarget _target;
    private CancellationTokenRegistration _registration;
    private GrainRequest? _localRequest;
    private OutboundConnection? _connection;
    private OutgoingFrame? _frame;
    private long _correlationId;
    private int _isEnded;

    protected PendingCall(CallRuntime runtime, in CallTarget target)
    {
        _runtime = runtime;
        _target = target;
        StartTimestamp = runtime.TimeProvider.GetTimestamp();
    }

    public ref readonly CallTarget Target => ref _target;

    public long StartTimestamp { get; }

    public bool IsEnded => Volatile.Read(ref _isEnded) != 0;

    // The intrusive list of local calls.
    internal PendingCall? Previous { get; set; }

    internal PendingCall? Next { get; set; }

    internal LocalCalls.Stripe? Stripe { get; set; }

    private CancellationToken CancellationToken => _target.Invocation?.CancellationToken ?? CancellationToken.None;

    /// <summary>Listens to the caller's token; called before the call is sent.</summary>
    public void ObserveCancellation()
    {
        if (CancellationToken.CanBeCanceled)
        {
            _registration = CancellationToken.UnsafeRegister(static state => ((PendingCall)state!).OnCancelled(), this);
        }
    }

    /// <summary>Says that the call became a request in this silo.</summary>
    public void Bind(GrainRequest localRequest)
    {
        _localRequest = localRequest;
        if (IsEnded)
        {
            localRequest.Cancel();
        }
    }

    /// <summary>Says that the call was sent.</summary>
    public void Bind(OutboundConnection connection, OutgoingFrame frame, long correlationId)
    {
        _correlationId = correlationId;
        _frame = frame;

        // With a full fence: whoever ends the call meanwhile either sees the connection or is seen here.
        Interlocked.Exchange(ref _connection, connection);
        if (IsEnded)
        {
            GiveUp(static () => { });
        }
    }

    /// <summary>Ends the call with an error.</summary>
    public void Fail(Exception exception)
    {
        if (TryEnd())
        {
            AfterSending(() => SetException(exception));
        }
    }

    void IResponder.Complete(GrainRequest request, InvocationResult result)
    {
        if (!TryEnd())
        {
            return;
        }

        try
        {
            SetResult(result.CopyForLocalCall());
        }
        catch (Exception exception)
        {
            SetException(exception);
        }
    }

    void IResponder.Fail(GrainRequest request, Exception exception)
    {
        if (TryEnd())
        {
            SetException(exception);
        }
    }

    void IPendingResponse.OnResponse(ReadOnlyMemory<byte> frame)
    {
        if (!TryEnd())
        {
            return;
        }

        try
        {
            var reader = new MessageReader(frame) { RuntimeContext = _runtime };
            if (ResponseFrame.ReadHead(ref reader).Status == ResponseStatus.Success)
            {
                SetResult(ReadResult(ref reader));
            }
            else
            {
                SetException(ExceptionCodec.Read(ref reader));
            }
        }
        catch (Exception exception)
        {
            SetException(exception);
        }
    }

    void IPendingResponse.OnBroken(Exception exception) => Fail(exception);

    bool IPendingResponse.EndIfExpired(long timestamp) => EndIfExpired(timestamp);

    /// <summary>Ends the call when its time is over; whether it is.</summary>
    public bool EndIfExpired(long timestamp)
    {
        if (_runtime.TimeProvider.GetElapsedTime(StartTimestamp, timestamp) < _runtime.ResponseTimeout)
        {
            return false;
        }

        if (TryEnd())
        {
            var method = _target.Invocation?.Method;
            var exception = new TimeoutException(
                $"Response did not arrive on time in {_runtime.ResponseTimeout} for {method?.InterfaceName}.{method?.MethodName} of grain {_target.GrainId} (MessagingOptions.ResponseTimeout).");
            if (_runtime.CancelsOnTimeout)
            {
                GiveUp(() => SetException(exception));
            }
            else
            {
                AfterSending(() => SetException(exception));
            }
        }

        return true;
    }

    protected abstract InvocationResult ReadResult(ref MessageReader reader);

    protected abstract void SetResult(InvocationResult result);

    protected abstract void SetException(Exception exception);

    protected abstract void SetCanceled(CancellationToken cancellationToken);

    private void OnCancelled()
    {
        if (TryEnd())
        {
            GiveUp(() => SetCanceled(CancellationToken));
        }
    }

    private bool TryEnd()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) != 0)
        {
            return false;
        }

        _registration.Unregister();
        Stripe?.Remove(this);
        return true;
    }

    // Tells the callee, and lets the caller go on when nothing refers to its arguments any more.
    private void GiveUp(Action then)
    {
        _localRequest?.Cancel();
        if (Volatile.Read(ref _connection) is { } connection)
        {
            connection.Forget(_correlationId);
            if (!_frame!.TryDrop())
            {
                connection.SendCancel(_correlationId);
            }
        }

        AfterSending(then);
    }

    private void AfterSending(Action then)
    {
        if (_frame is { } frame)
        {
            frame.WhenFinished(then);
        }
        else
        {
            then();
        }
    }
}

/// <summary>A call with a result.</summary>
internal class PendingCall<T>(CallRuntime runtime, in CallTarget target) : PendingCall(runtime, target)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _completion.Task;

    protected override InvocationResult ReadResult(ref MessageReader reader) => Target.Invocation!.ReadResult(ref reader);

    protected virtual T ValueOf(InvocationResult result) => ((InvocationResult<T>)result).Value;

    protected sealed override void SetResult(InvocationResult result) => _completion.TrySetResult(ValueOf(result));

    protected override void SetException(Exception exception)
    {
        if (exception is OperationCanceledException cancelled)
        {
            _completion.TrySetCanceled(cancelled.CancellationToken.IsCancellationRequested ? cancelled.CancellationToken : new CancellationToken(canceled: true));
        }
        else
        {
            _completion.TrySetException(exception);
        }
    }

    protected override void SetCanceled(CancellationToken cancellationToken) => _completion.TrySetCanceled(cancellationToken);
}

/// <summary>A call without a result.</summary>
internal sealed class PendingVoidCall(CallRuntime runtime, in CallTarget target) : PendingCall<bool>(runtime, target)
{
    protected override bool ValueOf(InvocationResult result) => true;
}
