using System.Net;
using System.Net.Sockets;

namespace OrleansStream.SiloHost;

/// <summary>Where the process listens, found out before anything else starts.</summary>
/// <param name="Address">The address.</param>
/// <param name="SiloPort">The port for other brokers.</param>
/// <param name="GatewayPort">The port for clients.</param>
/// <param name="KafkaPort">The port for Kafka clients; 0 without a Kafka listener.</param>
internal sealed record Endpoints(IPAddress Address, int SiloPort, int GatewayPort, int KafkaPort)
{
    /// <summary>Whether the address stands for all addresses of the machine.</summary>
    public bool IsAny => Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any);

    /// <summary>An address of <see cref="Address"/> that can be connected to from this machine.</summary>
    public IPAddress Reachable => !IsAny ? Address : Address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;

    /// <summary>Finds the address and makes sure that the ports are free.</summary>
    /// <exception cref="UsageException">They are not.</exception>
    public static Endpoints Claim(HostSettings settings)
    {
        var address = Resolve(settings.Host);
        RequireDifferent("--silo-port", settings.SiloPort, "--gateway-port", settings.GatewayPort);
        RequireDifferent("--silo-port", settings.SiloPort, "--kafka-port", settings.KafkaPort);
        RequireDifferent("--gateway-port", settings.GatewayPort, "--kafka-port", settings.KafkaPort);

        // All are held until all are found, so that free ones differ.
        using var silo = Listen(address, settings.SiloPort, "--silo-port");
        using var gateway = Listen(address, settings.GatewayPort, "--gateway-port");
        using var kafka = settings.KafkaPort == 0 ? null : Listen(address, settings.KafkaPort, "--kafka-port");
        return new Endpoints(address, PortOf(silo), PortOf(gateway), settings.KafkaPort);
    }

    private static void RequireDifferent(string oneOption, int one, string otherOption, int other)
    {
        if (one == other && one != 0)
        {
            throw new UsageException($"{oneOption} and {otherOption} are both {one}; they must differ.");
        }
    }

    private static IPAddress Resolve(string host)
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
                ?? throw new UsageException($"--host is '{host}', which has no address.");
        }
        catch (SocketException exception)
        {
            throw new UsageException($"--host is '{host}', which has no address: {exception.Message}");
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
