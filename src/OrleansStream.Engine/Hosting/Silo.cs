using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using OrleansStream.Engine.Activations;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.Membership;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Hosting;

/// <summary>A silo in its host: starts and stops the parts in the order of the lifecycle's stages.</summary>
internal sealed partial class Silo : IHostedService
{
    // Calls that still run after this are asked to end by their tokens: long polls would hold the stop up.
    private static readonly TimeSpan DrainGrace = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(2);

    private readonly SiloLifecycle _lifecycle;
    private readonly SiloEndpoints _endpoints;
    private readonly MembershipAgent _membership;
    private readonly SiloCallRuntime _runtime;
    private readonly SiloConnections _connections;
    private readonly Catalog _catalog;
    private readonly IHostApplicationLifetime _host;
    private readonly ILogger _logger;
    private volatile bool _isAborted;

    public Silo(
        SiloLifecycle lifecycle,
        IEnumerable<ILifecycleParticipant<ISiloLifecycle>> participants,
        SiloEndpoints endpoints,
        MembershipAgent membership,
        SiloCallRuntime runtime,
        SiloConnections connections,
        Catalog catalog,
        IHostApplicationLifetime host,
        IOptions<ConnectionLimits> limits,
        ILogger<Silo> logger)
    {
        _lifecycle = lifecycle;
        _endpoints = endpoints;
        _membership = membership;
        _runtime = runtime;
        _connections = connections;
        _catalog = catalog;
        _host = host;
        _logger = logger;
        endpoints.Accept((_, isGateway) => new InboundConnection(runtime, isGateway, limits.Value, logger));
        membership.Changed = OnMembershipChanged;
        membership.DeclaredDead = OnDeclaredDead;
        lifecycle.Subscribe<Silo>(ServiceLifecycleStage.RuntimeServices, JoinAsync, LeaveAsync);
        lifecycle.Subscribe<Silo>(ServiceLifecycleStage.GrainDeactivation, _ => Task.CompletedTask, DeactivateGrainsAsync);
        lifecycle.Subscribe<Silo>(ServiceLifecycleStage.BecomeActive, OpenAsync, BeginShutdownAsync);
        foreach (var participant in participants)
        {
            participant.Participate(lifecycle);
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _lifecycle.OnStart(cancellationToken).ConfigureAwait(false);
            LogStarted(_logger, _endpoints.Name, _endpoints.SiloAddress.ToString(), _endpoints.GatewayAddress.Endpoint.ToString());
        }
        catch
        {
            await _lifecycle.OnStop(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            Abort();
        }

        return _lifecycle.OnStop(cancellationToken);
    }

    /// <summary>Ends everything at once, as if the process were killed.</summary>
    public void Abort()
    {
        _isAborted = true;
        _catalog.Abandon();
        _membership.Abort();
        _endpoints.Abort();
        _ = _connections.CloseAsync(gracefully: false);
        _runtime.Close();
    }

    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        _endpoints.Silo.Start();
        await _membership.JoinAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _membership.SetStatusAsync(SiloStatus.Active, cancellationToken).ConfigureAwait(false);
        _catalog.StartCollecting();
        _endpoints.Gateway?.Start();
    }

    private async Task BeginShutdownAsync(CancellationToken cancellationToken)
    {
        if (_isAborted)
        {
            return;
        }

        _connections.SayGoodbye();
        if (_endpoints.Gateway is { } gateway)
        {
            await gateway.StopAcceptingAsync().ConfigureAwait(false);
        }

        // First the others, and this silo's own placement, learn that its grains go elsewhere.
        await _membership.SetStatusAsync(SiloStatus.ShuttingDown, cancellationToken).ConfigureAwait(false);
        _runtime.Drain();
    }

    private async Task DeactivateGrainsAsync(CancellationToken cancellationToken)
    {
        if (!_isAborted)
        {
            await _catalog.DrainAsync(DrainGrace, cancellationToken).ConfigureAwait(false);
            await _connections.DrainAsync(DrainGrace, cancellationToken).ConfigureAwait(false);
            await _catalog.DeactivateAsync(
                static _ => true,
                new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo shuts down."),
                cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        _runtime.Close();
        if (!_isAborted)
        {
            try
            {
                // Also when the host's patience is over: else the others take this silo for alive until their probes say otherwise.
                using var limit = new CancellationTokenSource(LeaveTimeout);
                await _membership.SetStatusAsync(SiloStatus.Dead, limit.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OrleansException or OperationCanceledException)
            {
                LogLeaveFailed(_logger, exception.Message);
            }
        }

        await _membership.DisposeAsync().ConfigureAwait(false);
        await _connections.CloseAsync(gracefully: !_isAborted).ConfigureAwait(false);
        await _endpoints.DisposeAsync().ConfigureAwait(false);
    }

    private void OnMembershipChanged(MembershipView before, MembershipView now)
    {
        foreach (var member in now.Members)
        {
            var statusBefore = before.StatusOf(member.Silo);
            if (member.Status == SiloStatus.Dead && statusBefore != SiloStatus.Dead)
            {
                // A silo that leaves in good order answers what it was asked, and closes its connections itself.
                _connections.Drop(member.Silo, atOnce: !statusBefore.IsTerminating());
            }
        }

        if (!before.Active.Select(member => member.Silo).SequenceEqual(now.Active.Select(member => member.Silo)))
        {
            _runtime.LeaveMoved();
        }
    }

    private void OnDeclaredDead()
    {
        Abort();
        _host.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Name} is active at {Address}, gateway {Gateway}.")]
    private static partial void LogStarted(ILogger logger, string name, string address, string gateway);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The silo could not tell the others that it leaves: {Reason}")]
    private static partial void LogLeaveFailed(ILogger logger, string reason);
}
