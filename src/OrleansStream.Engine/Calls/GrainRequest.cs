using Orleans.Runtime;
using OrleansStream.Engine.Activations;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Scheduling;

namespace OrleansStream.Engine.Calls;

/// <summary>A call on its way into an activation, and its state there.</summary>
internal sealed class GrainRequest : ITurn, IQueuedCall
{
    private CancellationTokenSource? _cancellation;
    private int _isCancelled;

    public GrainRequest(GrainId target, CallKind kind, GrainMethodInvocation? invocation, IResponder responder)
    {
        Target = target;
        Kind = kind;
        Invocation = invocation;
        Responder = responder;
    }

    public GrainId Target { get; }

    public CallKind Kind { get; }

    /// <summary>The method and its arguments; null for <see cref="CallKind.StreamNext"/> and <see cref="CallKind.StreamDispose"/>.</summary>
    public GrainMethodInvocation? Invocation { get; }

    /// <summary>Who gets the answer.</summary>
    public IResponder Responder { get; }

    /// <summary>The call's number on the connection that it came by.</summary>
    public long CorrelationId { get; init; }

    /// <summary>How many bytes it came in.</summary>
    public int FrameLength { get; init; }

    public GrainId? Source { get; init; }

    public Guid StreamId { get; init; }

    public int BatchSize { get; init; }

    /// <summary>The activation that the request was given to.</summary>
    public ActivationData? Activation { get; set; }

    public bool IsOneWay => Invocation?.Method.IsOneWay ?? false;

    public bool IsReadOnly => Invocation?.Method.IsReadOnly ?? false;

    /// <summary>Whether the request may start whatever runs.</summary>
    public bool IsAlwaysInterleave => Kind != CallKind.Method || Invocation!.Method.IsAlwaysInterleave;

    /// <summary>Whether cancelling it can have an effect in the grain, or while it waits.</summary>
    public bool CanBeCancelled => _cancellation is not null;

    public bool IsCancelled => Volatile.Read(ref _isCancelled) != 0;

    /// <summary>Makes the callee's token. Called before the request is given to an activation.</summary>
    public void PrepareCancellation()
    {
        if (Kind != CallKind.StreamDispose && (Kind != CallKind.Method || Invocation!.Method.TakesCancellationToken))
        {
            _cancellation = new CancellationTokenSource();
            if (Invocation is not null)
            {
                Invocation.CancellationToken = _cancellation.Token;
            }
        }
    }

    public CancellationToken CancellationToken => _cancellation?.Token ?? CancellationToken.None;

    /// <summary>Cancels the request, in a turn of its activation so that callbacks of the token run there. From any thread.</summary>
    public void Cancel()
    {
        if (Interlocked.Exchange(ref _isCancelled, 1) == 0)
        {
            Activation?.EnqueueTurn(new DelegateTurn(() => _cancellation?.Cancel()));
        }
    }

    void ITurn.Execute() => Activation!.OnRequest(this);

    void IQueuedCall.Run() => throw new InvalidOperationException("An activation runs its requests itself.");

    void IQueuedCall.Abandon() => Responder.Fail(this, new OrleansMessageRejectionException($"Grain {Target} takes no calls any more."));
}

/// <summary>Takes the answer of a request: a connection, or the caller itself in the same silo. Called in a turn or on a runtime thread.</summary>
internal interface IResponder
{
    void Complete(GrainRequest request, InvocationResult result);

    void Fail(GrainRequest request, Exception exception);
}
