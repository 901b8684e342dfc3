using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Where a silo listens.</summary>
public static class EndpointOptionsExtensions
{
    /// <summary>Listens at the given address, or at all of the host's.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="advertisedIP">The address that others connect to.</param>
    /// <param name="siloPort">The port for silos.</param>
    /// <param name="gatewayPort">The port for clients; 0: the silo is no gateway.</param>
    /// <param name="listenOnAnyHostAddress">Whether to listen at all addresses.</param>
    public static ISiloBuilder ConfigureEndpoints(this ISiloBuilder builder, IPAddress advertisedIP, int siloPort, int gatewayPort, bool listenOnAnyHostAddress = false)
        => builder.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = advertisedIP;
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
            if (listenOnAnyHostAddress)
            {
                var any = advertisedIP.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
                options.SiloListeningEndpoint = new IPEndPoint(any, siloPort);
                options.GatewayListeningEndpoint = new IPEndPoint(any, gatewayPort);
            }
        });

    /// <summary>Listens at a host's address.</summary>
    /// <exception cref="ArgumentException">The name has no address of the family.</exception>
    public static ISiloBuilder ConfigureEndpoints(this ISiloBuilder builder, string? hostname, int siloPort, int gatewayPort, AddressFamily addressFamily = AddressFamily.InterNetwork, bool listenOnAnyHostAddress = false)
    {
        var name = string.IsNullOrEmpty(hostname) ? Dns.GetHostName() : hostname;
        var address = IPAddress.TryParse(name, out var literal) ? literal : Array.Find(Dns.GetHostAddresses(name), candidate => candidate.AddressFamily == addressFamily);
        return address is null
            ? throw new ArgumentException($"The host name '{name}' has no address of family {addressFamily}.", nameof(hostname))
            : builder.ConfigureEndpoints(address, siloPort, gatewayPort, listenOnAnyHostAddress);
    }

    /// <summary>Listens at this machine's address.</summary>
    public static ISiloBuilder ConfigureEndpoints(this ISiloBuilder builder, int siloPort, int gatewayPort, AddressFamily addressFamily = AddressFamily.InterNetwork, bool listenOnAnyHostAddress = false)
        => builder.ConfigureEndpoints((string?)null, siloPort, gatewayPort, addressFamily, listenOnAnyHostAddress);
}
