using System.Net;
using System.Net.Sockets;

namespace OrleansStream.SiloHost;

/// <summary>Where the process listens, found out before anything else starts.</summary>
/// <param name="Address">The address.</param>
/// <param name="SiloPort">The port for other brokers.</param>
/// <param name="GatewayPort">The port for clients.</param>
/// <param name="KafkaPort">The port for Kafka clients; 0 without a Kafka listener.</param>
/// <param name="Advertised">The address that other brokers and their clients are told.</param>
internal sealed record Endpoints(IPAddress Address, int SiloPort, int GatewayPort, int KafkaPort, IPAddress Advertised)
{
    /// <summary>Whether the address stands for all addresses of the machine.</summary>
    public bool IsAny => IsAnyAddress(Address);

    /// <summary>Finds the address and makes sure that the ports are free.</summary>
    /// <exception cref="UsageException">They are not.</exception>
    public static Endpoints Claim(HostSettings settings)
    {
        var address = Resolve("--host", settings.Host);
        var advertised = Advertise(settings, address);
        RequireDifferent("--silo-port", settings.SiloPort, "--gateway-port", settings.GatewayPort);
        RequireDifferent("--silo-port", settings.SiloPort, "--kafka-port", settings.KafkaPort);
        RequireDifferent("--gateway-port", settings.GatewayPort, "--kafka-port", settings.KafkaPort);

        // All are held until all are found, so that free ones differ.
        using var silo = Listen(address, settings.SiloPort, "--silo-port");
        using var gateway = Listen(address, settings.GatewayPort, "--gateway-port");
        using var kafka = settings.KafkaPort == 0 ? null : Listen(address, settings.KafkaPort, "--kafka-port");
        return new Endpoints(address, PortOf(silo), PortOf(gateway), settings.KafkaPort, advertised);
    }

    private static void RequireDifferent(string oneOption, int one, string otherOption, int other)
    {
        if (one == other && one != 0)
        {
            throw new UsageException($"{oneOption} and {otherOption} are both {one}; they must differ.");
        }
    }

    private static bool IsAnyAddress(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>One that listens at all addresses of its machine is reached at the advertised one; if it is alone, at the machine's own.</summary>
    private static IPAddress Advertise(HostSettings settings, IPAddress address)
    {
        if (!IsAnyAddress(address))
        {
            return address;
        }

        if (settings.ZooKeeper is null)
        {
            return address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        }

        var advertised = settings.AdvertisedHost
            ?? throw new UsageException($"--host is {address} and the broker is part of a cluster: say with --advertised-host where the other brokers reach it.");
        return Resolve("--advertised-host", advertised);
    }

    private static IPAddress Resolve(string option, string host)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return literal;
        }

        try
        {
            var addresses = Dns.GetHostAddresses(host);
            return Array.Find(addresses, address => address.AddressFamily == AddressFamily.InterNetwork)
                ?? addresses.FirstOrDefault()
                ?? throw new UsageException($"{option} is '{host}', which has no address.");
        }
        catch (SocketException exception)
        {
            throw new UsageException($"{option} is '{host}', which has no address: {exception.Message}");
        }
    }

    private static Socket Listen(IPAddress address, int port, string option)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new UsageException(exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"Port {port} at {address} is in use by another process: choose another one with {option}."
                : $"Port {port} at {address} cannot be listened at ({option}): {exception.Message}.");
        }
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
