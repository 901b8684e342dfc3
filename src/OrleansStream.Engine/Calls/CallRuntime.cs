using Orleans;
using Orleans.Configuration;
using OrleansStream.Engine.Activations;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Streams;

namespace OrleansStream.Engine.Calls;

/// <summary>Makes calls: what a silo's and a client's runtime have in common.</summary>
internal abstract class CallRuntime : ICallRuntime, IAsyncDisposable
{
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);
    private readonly IOutgoingGrainCallFilter[] _outgoingFilters;
    private readonly ITimer _expiry;

    protected CallRuntime(MessagingOptions options, IEnumerable<IOutgoingGrainCallFilter> outgoingFilters, TimeProvider timeProvider)
    {
        _outgoingFilters = [.. outgoingFilters];
        TimeProvider = timeProvider;
        ResponseTimeout = options.ResponseTimeout;
        CancelsOnTimeout = options.CancelRequestOnTimeout;
        var tick = TimeSpan.FromTicks(Math.Clamp(ResponseTimeout.Ticks / 8, TimeSpan.TicksPerMillisecond * 10, LongestTick.Ticks));
        _expiry = timeProvider.CreateTimer(static state => ((CallRuntime)state!).EndExpired(), this, tick, tick);
    }

    public TimeProvider TimeProvider { get; }

    public TimeSpan ResponseTimeout { get; }

    public bool CancelsOnTimeout { get; }

    public Task<T> InvokeAsync<T>(GrainReferenceContext target, GrainMethodInvocation invocation)
        => _outgoingFilters.Length == 0 ? SendAsync<T>(target, invocation) : FilterAsync<T>(target, invocation, () => SendAsync<T>(target, invocation));

    public Task InvokeAsync(GrainReferenceContext target, GrainMethodInvocation invocation)
        => _outgoingFilters.Length == 0 ? SendVoidAsync(target, invocation) : FilterAsync<object>(target, invocation, () => AsObjectAsync(SendVoidAsync(target, invocation)));

    public Task InvokeOneWayAsync(GrainReferenceContext target, GrainMethodInvocation invocation)
        => _outgoingFilters.Length == 0 ? SendOneWayAsync(target, invocation) : FilterAsync<object>(target, invocation, () => AsObjectAsync(SendOneWayAsync(target, invocation)));

    public Task<StreamBatch<T>> InvokeStreamAsync<T>(GrainReferenceContext target, CallKind kind, GrainMethodInvocation invocation, Guid streamId, int batchSize)
    {
        if (invocation.CancellationToken.IsCancellationRequested && kind != CallKind.StreamDispose)
        {
            return Task.FromCanceled<StreamBatch<T>>(invocation.CancellationToken);
        }

        var call = new PendingStreamCall<T>(this, new CallTarget(target.GrainId, kind, invocation, streamId, batchSize, TurnContext.Current?.GrainId));
        Send(call);
        return call.Task;
    }

    public virtual ValueTask DisposeAsync() => _expiry.DisposeAsync();

    /// <summary>Finds the grain's silo and sends the call there. Must not throw.</summary>
    protected abstract void Dispatch(PendingCall call);

    /// <summary>Sends a call that nobody waits for.</summary>
    protected abstract void DispatchOneWay(in CallTarget call);

    /// <summary>Ends the calls whose time is over.</summary>
    protected abstract void EndExpired();

    private Task<T> SendAsync<T>(GrainReferenceContext target, GrainMethodInvocation invocation)
    {
        if (invocation.CancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(invocation.CancellationToken);
        }

        var call = new PendingCall<T>(this, Target(target, invocation));
        Send(call);
        return call.Task;
    }

    private Task SendVoidAsync(GrainReferenceContext target, GrainMethodInvocation invocation)
    {
        if (invocation.CancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(invocation.CancellationToken);
        }

        var call = new PendingVoidCall(this, Target(target, invocation));
        Send(call);
        return call.Task;
    }

    private Task SendOneWayAsync(GrainReferenceContext target, GrainMethodInvocation invocation)
    {
        try
        {
            DispatchOneWay(Target(target, invocation));
            return Task.CompletedTask;
        }
        catch (Exception exception)
        {
            return Task.FromException(exception);
        }
    }

    private void Send(PendingCall call)
    {
        call.ObserveCancellation();
        Dispatch(call);
    }

    private static CallTarget Target(GrainReferenceContext target, GrainMethodInvocation invocation)
        => new(target.GrainId, CallKind.Method, invocation, default, 0, TurnContext.Current?.GrainId);

    private async Task<T> FilterAsync<T>(GrainReferenceContext target, GrainMethodInvocation invocation, Func<Task<T>> send)
    {
        var call = new OutgoingCall(target, invocation, TurnContext.Current, _outgoingFilters, async () => await send());
        await call.Invoke();
        return (T)call.Result!;
    }

    private static async Task<object> AsObjectAsync(Task task)
    {
        await task;
        return null!;
    }
}
