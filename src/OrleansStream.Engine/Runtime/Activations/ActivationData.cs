using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Scheduling;
using OrleansStream.Engine.Streams;

namespace OrleansStream.Engine.Activations;

/// <summary>
/// One activation of one grain. Everything here that is not marked otherwise is touched in the activation's turns only
/// and needs no lock.
/// </summary>
internal sealed partial class ActivationData : IGrainContext
{
    private readonly Catalog _catalog;
    private readonly TurnScheduler _scheduler;
    private readonly Queue<IQueuedCall> _waiting = new();
    private readonly HashSet<GrainRequest> _running = [];
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AsyncServiceScope? _scope;
    private GrainReference? _grainReference;
    private StreamSessions? _streams;
    private ActivationState _state;
    private int _runningExclusiveCount;
    private int _runningReadOnlyCount;
    private int _runningCount;

    // Touched from any thread.
    private int _enqueuedCount;
    private int _waitingCount;
    private long _lastUse;
    private long _keepAliveUntil;

    public ActivationData(Catalog catalog, GrainClass grainClass, GrainId grainId)
    {
        _catalog = catalog;
        Class = grainClass;
        GrainId = grainId;
        _scheduler = new TurnScheduler(this, catalog.Logger);
        _lastUse = catalog.TimeProvider.GetTimestamp();
    }

    public GrainClass Class { get; }

    public GrainId GrainId { get; }

    public object? GrainInstance { get; private set; }

    public GrainReference GrainReference
        => _grainReference ??= GrainReferenceContext.CreateReference(
            _catalog.Runtime,
            GrainId,
            Class.Interfaces.Length > 0 ? Class.Interfaces[0].InterfaceType : throw new InvalidOperationException($"{Class.Type} implements no grain interface."));

    public IServiceProvider ActivationServices => (_scope ??= _catalog.Services.CreateAsyncScope()).ServiceProvider;

    public Task Deactivated => _deactivated.Task;

    /// <summary>Requests that were given to this activation and are not answered. From any thread.</summary>
    public int EnqueuedCount => Volatile.Read(ref _enqueuedCount);

    public Catalog Catalog => _catalog;

    public static ActivationData Of(IGrainContext context)
        => context as ActivationData ?? throw new ArgumentException("The grain context is not of this runtime.", nameof(context));

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => $"{GrainId} ({Class.Type})";

    /// <summary>Runs something in a turn. From any thread.</summary>
    public void EnqueueTurn(ITurn turn) => _scheduler.Enqueue(turn);

    /// <summary>Gives the activation a request. From any thread; requests from one thread start in their order.</summary>
    /// <exception cref="LimitExceededException">Too many wait already.</exception>
    public void Receive(GrainRequest request)
    {
        var count = Interlocked.Increment(ref _waitingCount);
        if (count > _catalog.MaxEnqueuedRequests)
        {
            Interlocked.Decrement(ref _waitingCount);
            throw new LimitExceededException(
                $"Grain {GrainId} is overloaded: {count} calls wait, at most {_catalog.MaxEnqueuedRequests} may (SiloMessagingOptions.MaxEnqueuedRequestsHardLimit).");
        }

        Interlocked.Increment(ref _enqueuedCount);
        request.Activation = this;
        _scheduler.Enqueue(request);
    }

    /// <summary>The turn in which a request arrives.</summary>
    public void OnRequest(GrainRequest request)
    {
        if (_catalog.IsAbandoned)
        {
            LetGo();
            request.Responder.Fail(request, new SiloUnavailableException("The silo is stopped."));
        }
        else if (_state is ActivationState.Created)
        {
            _waiting.Enqueue(request);
            _ = ActivateAsync();
        }
        else if (_state is not ActivationState.Active)
        {
            _waiting.Enqueue(request);
            if (_state is ActivationState.Dead)
            {
                RerouteWaiting();
            }
        }
        else if (request.IsAlwaysInterleave || (_waiting.Count == 0 && MayStart(request)))
        {
            Start(request);
        }
        else
        {
            _waiting.Enqueue(request);
        }
    }

    /// <summary>Says that a call or tick has ended, and starts what may start now.</summary>
    public void OnCallCompleted(IQueuedCall call)
    {
        _runningCount--;
        if (call.IsReadOnly)
        {
            _runningReadOnlyCount--;
        }
        else if (!call.IsAlwaysInterleave)
        {
            _runningExclusiveCount--;
        }

        StartWaiting();
    }

    /// <summary>Adds a timer's tick: it waits its turn like a call.</summary>
    public void OnTick(IQueuedCall tick)
    {
        if (_state is not ActivationState.Active || _catalog.IsAbandoned)
        {
            tick.Abandon();
        }
        else if (tick.IsAlwaysInterleave || (_waiting.Count == 0 && MayStart(tick)))
        {
            Start(tick);
        }
        else
        {
            _waiting.Enqueue(tick);
        }
    }

    public void Touch() => Volatile.Write(ref _lastUse, _catalog.TimeProvider.GetTimestamp());

    // A request leaves without having been started.
    private void LetGo()
    {
        Interlocked.Decrement(ref _waitingCount);
        Interlocked.Decrement(ref _enqueuedCount);
    }

    private void StartWaiting()
    {
        while (_state is ActivationState.Active && _waiting.TryPeek(out var next) && (next.IsAlwaysInterleave || MayStart(next)))
        {
            _waiting.Dequeue();
            Start(next);
        }

        if (_state is ActivationState.Draining && _runningCount == 0)
        {
            _ = FinishDeactivationAsync();
        }
    }

    // Calls that may not interleave start in their order: a read-only one does not overtake a waiting other one.
    private bool MayStart(IQueuedCall call)
        => Class.IsReentrant
            || (_runningExclusiveCount == 0 && (call.IsReadOnly || _runningReadOnlyCount == 0));

    private void Start(IQueuedCall call)
    {
        _runningCount++;
        if (call.IsReadOnly)
        {
            _runningReadOnlyCount++;
        }
        else if (!call.IsAlwaysInterleave)
        {
            _runningExclusiveCount++;
        }

        if (call is GrainRequest request)
        {
            Interlocked.Decrement(ref _waitingCount);
            _running.Add(request);
            _ = RunAsync(request);
        }
        else
        {
            call.Run();
        }
    }

    private async Task RunAsync(GrainRequest request)
    {
        try
        {
            if (request.IsCancelled)
            {
                throw new OperationCanceledException($"The call of {request.Invocation?.Method.MethodName} was cancelled before it began.");
            }

            InvocationResult result;
            if (request.Kind != CallKind.Method)
            {
                _streams ??= new StreamSessions(this);
                result = await _streams.HandleAsync(request);
            }
            else if (_catalog.IncomingFilters.Length == 0 && GrainInstance is not IIncomingGrainCallFilter)
            {
                result = await request.Invocation!.InvokeAsync(GrainInstance!);
            }
            else
            {
                result = await new IncomingCall(request, this, _catalog.IncomingFilters).InvokeAllAsync();
            }

            request.Responder.Complete(request, result);
        }
        catch (Exception exception)
        {
            request.Responder.Fail(request, exception);
        }
        finally
        {
            _running.Remove(request);
            Interlocked.Decrement(ref _enqueuedCount);
            Touch();
            OnCallCompleted(request);
        }
    }
}
