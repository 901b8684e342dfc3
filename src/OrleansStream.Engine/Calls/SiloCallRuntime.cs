using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansStream.Engine.Activations;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Membership;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Placement;

namespace OrleansStream.Engine.Calls;

/// <summary>Makes and takes calls in a silo: each goes to the local catalog or to another silo.</summary>
internal sealed partial class SiloCallRuntime : CallRuntime
{
    private readonly LocalCalls _localCalls = new();
    private readonly GrainClassMap _classes;
    private readonly Catalog _catalog;
    private readonly PlacementService _placement;
    private readonly MembershipAgent _membership;
    private readonly int _maxForwardCount;
    private readonly ILogger _logger;
    private volatile Phase _phase = Phase.Open;

    public SiloCallRuntime(
        PeerIdentity self,
        GrainClassMap classes,
        Catalog catalog,
        PlacementService placement,
        MembershipAgent membership,
        SiloConnections connections,
        ISystemRequestHandler systemRequests,
        IOptions<SiloMessagingOptions> options,
        IEnumerable<IOutgoingGrainCallFilter> outgoingFilters,
        TimeProvider timeProvider,
        ILogger<SiloCallRuntime> logger)
        : base(options.Value, outgoingFilters, timeProvider)
    {
        Self = self;
        Connections = connections;
        SystemRequests = systemRequests;
        _classes = classes;
        _catalog = catalog;
        _placement = placement;
        _membership = membership;
        _maxForwardCount = options.Value.MaxForwardCount;
        _logger = logger;
        catalog.Runtime = this;
    }

    private enum Phase
    {
        /// <summary>Takes calls.</summary>
        Open,

        /// <summary>Takes calls of its own grains only.</summary>
        Draining,

        /// <summary>Takes none.</summary>
        Closed,
    }

    public PeerIdentity Self { get; }

    public SiloConnections Connections { get; }

    public ISystemRequestHandler SystemRequests { get; }

    public IEnumerable<(string InterfaceName, GrainType GrainType, string ClassName)> Manifest => _classes.Describe();

    /// <summary>Refuses calls from outside from now on.</summary>
    public void Drain() => _phase = Phase.Draining;

    /// <summary>Refuses every call from now on and fails those that wait.</summary>
    public void Close()
    {
        _phase = Phase.Closed;
        _localCalls.EndAll(static () => new SiloUnavailableException("The silo is stopped."));
    }

    /// <summary>Where a request that came over the network belongs: null for here.</summary>
    /// <exception cref="OrleansMessageRejectionException">Nowhere, or it was passed on too often.</exception>
    public ValueTask<SiloAddress?> Locate(GrainId grainId, int hops) => Locate(_catalog.ClassOf(grainId), grainId, hops, isFromHere: false);

    /// <summary>Runs a request in this silo.</summary>
    public void RunHere(GrainRequest request)
    {
        try
        {
            _catalog.Dispatch(request, _catalog.ClassOf(request.Target));
        }
        catch (Exception exception)
        {
            request.Responder.Fail(request, exception);
        }
    }

    /// <summary>Finds a new place for a request whose activation is gone.</summary>
    public void Route(GrainRequest request) => _ = RouteAsync(request);

    /// <summary>Deactivates the grains that belong on another silo now.</summary>
    public void LeaveMoved()
    {
        _placement.ForgetInactive();
        var active = _membership.View.Active;
        foreach (var activation in _catalog.All)
        {
            if (activation.Class.Placement is null && HashPlacement.Choose(activation.GrainId, active) is { } silo && !silo.Equals(_membership.Self.Silo))
            {
                activation.Deactivate(new DeactivationReason(DeactivationReasonCode.DirectoryFailure, $"The grain belongs on silo {silo} now."));
            }
        }
    }

    protected override void Dispatch(PendingCall call)
    {
        try
        {
            var location = Locate(_catalog.ClassOf(call.Target.GrainId), call.Target.GrainId, 0, isFromHere: true);
            if (!location.IsCompletedSuccessfully)
            {
                _ = DispatchLaterAsync(location, call);
            }
            else if (location.Result is { } silo)
            {
                SendTo(silo, call);
            }
            else
            {
                RunHere(call);
            }
        }
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    protected override void DispatchOneWay(in CallTarget call)
    {
        var responder = new OneWayResponder(_logger);
        var request = new GrainRequest(call.GrainId, call.Kind, call.Invocation!.CopyForLocalCall(), responder) { Source = call.Source };
        request.PrepareCancellation();
        Route(request);
    }

    protected override void EndExpired()
    {
        var now = TimeProvider.GetTimestamp();
        _localCalls.EndExpired(now);
        Connections.EndExpired(now);
    }

    private ValueTask<SiloAddress?> Locate(GrainClass grainClass, GrainId grainId, int hops, bool isFromHere)
    {
        if (_phase == Phase.Closed)
        {
            throw new SiloUnavailableException($"Silo {Self.Name} is stopped.");
        }

        var isOpen = isFromHere || _phase == Phase.Open;
        if (isOpen && (grainClass.IsStatelessWorker || _catalog.Find(grainId) is not null))
        {
            return default;
        }

        if (grainClass.IsStatelessWorker)
        {
            throw new SiloUnavailableException($"Silo {Self.Name} shuts down.");
        }

        var location = _placement.LocateAsync(grainClass, grainId);
        return location.IsCompletedSuccessfully
            ? new ValueTask<SiloAddress?>(Judge(location.Result, grainId, hops))
            : JudgeAsync(location, grainId, hops);
    }

    private async ValueTask<SiloAddress?> JudgeAsync(ValueTask<SiloAddress> location, GrainId grainId, int hops)
        => Judge(await location.ConfigureAwait(false), grainId, hops);

    private SiloAddress? Judge(SiloAddress silo, GrainId grainId, int hops)
    {
        if (silo.Equals(_membership.Self.Silo))
        {
            return _phase == Phase.Open ? null : throw new SiloUnavailableException($"Silo {Self.Name} shuts down and takes no new grain ({grainId}).");
        }

        if (hops >= _maxForwardCount)
        {
            _placement.Forget(grainId);
            throw new OrleansMessageRejectionException(
                $"Grain {grainId} is not hosted on {Self.Name} but on {silo}, and the call was passed on {hops} times already (SiloMessagingOptions.MaxForwardCount).");
        }

        return silo;
    }

    private async Task DispatchLaterAsync(ValueTask<SiloAddress?> location, PendingCall call)
    {
        try
        {
            var silo = await location.ConfigureAwait(false);
            if (call.IsEnded)
            {
                return;
            }

            if (silo is null)
            {
                RunHere(call);
            }
            else
            {
                SendTo(silo, call);
            }
        }
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    private void RunHere(PendingCall call)
    {
        ref readonly var target = ref call.Target;
        var hasArguments = target.Kind is CallKind.Method or CallKind.StreamStart;
        var request = new GrainRequest(target.GrainId, target.Kind, hasArguments ? target.Invocation!.CopyForLocalCall() : null, call)
        {
            Source = target.Source,
            StreamId = target.StreamId,
            BatchSize = target.BatchSize,
        };
        request.PrepareCancellation();
        call.Bind(request);
        _localCalls.Add(call);
        RunHere(request);
    }

    private void SendTo(SiloAddress silo, PendingCall call)
    {
        var connecting = Connections.ConnectAsync(silo);
        if (connecting.IsCompletedSuccessfully)
        {
            connecting.Result.Send(call, hops: 1);
        }
        else
        {
            _ = SendLaterAsync(connecting, call);
        }
    }

    private async Task SendLaterAsync(ValueTask<OutboundConnection> connecting, PendingCall call)
    {
        try
        {
            var connection = await connecting.ConfigureAwait(false);
            if (!call.IsEnded)
            {
                connection.Send(call, hops: 1);
            }
        }
        catch (Exception exception)
        {
            _placement.Forget(call.Target.GrainId);
            call.Fail(exception);
        }
    }

    private async Task RouteAsync(GrainRequest request)
    {
        try
        {
            if (await Locate(_catalog.ClassOf(request.Target), request.Target, 0, isFromHere: true).ConfigureAwait(false) is not { } silo)
            {
                _catalog.Dispatch(request, _catalog.ClassOf(request.Target));
                return;
            }

            var connection = await Connections.ConnectAsync(silo).ConfigureAwait(false);
            var target = new CallTarget(request.Target, request.Kind, request.Invocation, request.StreamId, request.BatchSize, request.Source);
            if (request.IsOneWay)
            {
                connection.SendOneWay(target, hops: 1);
            }
            else
            {
                var call = new ReroutedCall(this, target, request);
                call.ObserveCancellation();
                connection.Send(call, hops: 1);
            }
        }
        catch (Exception exception)
        {
            request.Responder.Fail(request, exception);
        }
    }

    /// <summary>A request that waited here and is answered elsewhere.</summary>
    private sealed class ReroutedCall(CallRuntime runtime, in CallTarget target, GrainRequest request) : PendingCall(runtime, target)
    {
        protected override InvocationResult ReadResult(ref MessageReader reader) => request.Invocation!.ReadResult(ref reader);

        protected override void SetResult(InvocationResult result) => request.Responder.Complete(request, result);

        protected override void SetException(Exception exception) => request.Responder.Fail(request, exception);

        protected override void SetCanceled(CancellationToken cancellationToken)
            => request.Responder.Fail(request, new OperationCanceledException(cancellationToken));
    }

    private sealed partial class OneWayResponder(ILogger logger) : IResponder
    {
        public void Complete(GrainRequest request, InvocationResult result)
        {
        }

        public void Fail(GrainRequest request, Exception exception)
            => LogOneWayFailed(logger, exception, request.Target.ToString(), request.Invocation?.Method.MethodName);

        [LoggerMessage(Level = LogLevel.Warning, Message = "A one-way call of grain {Grain} method {Method} failed.")]
        private static partial void LogOneWayFailed(ILogger logger, Exception exception, string grain, string? method);
    }
}
