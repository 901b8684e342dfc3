using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Hosting;

/// <summary>This silo's listeners and what follows from them: its address. Made once; the ports are taken from then on.</summary>
internal sealed class SiloEndpoints : ILocalSiloDetails, IAsyncDisposable
{
    private static int _lastNumber;
    private Func<FrameConnection, bool, IFrameHandler>? _accept;

    /// <exception cref="IOException">A port cannot be used.</exception>
    public SiloEndpoints(
        IOptions<EndpointOptions> endpointOptions,
        IOptions<SiloOptions> siloOptions,
        IOptions<ClusterOptions> clusterOptions,
        FrameConnectionOptions connectionOptions,
        DynamicPorts? dynamicPorts,
        ILogger logger)
    {
        var options = endpointOptions.Value;
        var siloPort = dynamicPorts?.SiloPort ?? options.SiloPort;
        var gatewayPort = dynamicPorts?.GatewayPort ?? options.GatewayPort;
        var advertised = options.AdvertisedIPAddress;
        Silo = FrameListener.Bind(options.SiloListeningEndpoint ?? new IPEndPoint(advertised, siloPort), connectionOptions, connection => _accept!(connection, false), logger);
        var generation = SiloAddress.AllocateNewGeneration();
        SiloAddress = SiloAddress.New(advertised, Silo.LocalEndPoint.Port, generation);
        GatewayAddress = SiloAddress.New(advertised, 0, generation);
        if (dynamicPorts is not null || gatewayPort > 0)
        {
            try
            {
                Gateway = FrameListener.Bind(options.GatewayListeningEndpoint ?? new IPEndPoint(advertised, gatewayPort), connectionOptions, connection => _accept!(connection, true), logger);
            }
            catch
            {
                Silo.Abort();
                throw;
            }

            GatewayAddress = SiloAddress.New(advertised, Gateway.LocalEndPoint.Port, generation);
        }

        ClusterId = clusterOptions.Value.ClusterId;
        DnsHostName = Dns.GetHostName();
        Name = string.IsNullOrEmpty(siloOptions.Value.SiloName)
            ? string.Create(CultureInfo.InvariantCulture, $"Silo_{Environment.ProcessId}_{Interlocked.Increment(ref _lastNumber)}")
            : siloOptions.Value.SiloName;
    }

    public FrameListener Silo { get; }

    /// <summary>Null when the silo is no gateway.</summary>
    public FrameListener? Gateway { get; }

    public string ClusterId { get; }

    public string DnsHostName { get; }

    public SiloAddress GatewayAddress { get; }

    public string Name { get; }

    public SiloAddress SiloAddress { get; }

    /// <summary>Says what is done with connections; called before a listener starts. The second argument: whether it is the gateway's.</summary>
    public void Accept(Func<FrameConnection, bool, IFrameHandler> accept) => _accept = accept;

    public void Abort()
    {
        Silo.Abort();
        Gateway?.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        if (Gateway is not null)
        {
            await Gateway.DisposeAsync().ConfigureAwait(false);
        }

        await Silo.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>Has ports of 0 chosen when the silo starts, for the gateway too, where 0 otherwise means none.</summary>
internal sealed record DynamicPorts(int SiloPort, int GatewayPort);
