using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.Client;

/// <summary>Makes a client's calls, through the gateways.</summary>
internal sealed partial class ClientCallRuntime(
    GatewayPool gateways,
    IOptions<ClientMessagingOptions> options,
    IEnumerable<IOutgoingGrainCallFilter> outgoingFilters,
    TimeProvider timeProvider,
    ILogger<ClientCallRuntime> logger) : CallRuntime(options.Value, outgoingFilters, timeProvider)
{
    protected override void Dispatch(PendingCall call)
    {
        if (gateways.Choose(call.Target.GrainId) is { } gateway)
        {
            gateway.Send(call, hops: 0);
        }
        else
        {
            call.Fail(new SiloUnavailableException("No gateways available: the client is not connected to the cluster."));
        }
    }

    protected override void DispatchOneWay(in CallTarget call)
    {
        if (gateways.Choose(call.GrainId) is { } gateway)
        {
            gateway.SendOneWay(call, hops: 0);
        }
        else
        {
            LogOneWayLost(logger, call.GrainId.ToString(), call.Invocation?.Method.MethodName);
        }
    }

    protected override void EndExpired() => gateways.EndExpired(TimeProvider.GetTimestamp());

    [LoggerMessage(Level = LogLevel.Warning, Message = "A one-way call of grain {Grain} method {Method} is lost: no gateway is connected.")]
    private static partial void LogOneWayLost(ILogger logger, string grain, string? method);
}
