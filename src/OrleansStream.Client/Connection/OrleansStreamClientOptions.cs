using System.Net;
using Microsoft.Extensions.Options;

namespace OrleansStream.Client;

/// <summary>How a client reaches its cluster.</summary>
public sealed class OrleansStreamClientOptions
{
    /// <summary>The gateway port of a broker unless it is told otherwise.</summary>
    public const int DefaultGatewayPort = 30000;

    /// <summary>
    /// The gateways of one or more brokers, each <c>HOST:PORT</c> or <c>HOST</c> (port 30000). Empty, the default, means:
    /// those that <see cref="ZooKeeper"/> knows, or without that, the Orleans client or silo of this host.
    /// </summary>
    public IList<string> Bootstrap { get; set; } = [];

    /// <summary>
    /// The ZooKeeper in which the brokers are registered, instead of <see cref="Bootstrap"/>: what they were started with, as
    /// <c>HOST:PORT,HOST:PORT/chroot</c> (port 2181 where none is given). Brokers that come later are found, too. Null, the default, for none.
    /// </summary>
    public string? ZooKeeper { get; set; }

    /// <summary>The cluster's Orleans <c>ClusterId</c>; null for the brokers' default.</summary>
    public string? ClusterId { get; set; }

    /// <summary>
    /// How long to try to reach a broker at first, and how long an operation waits for a connection. Zero tries each
    /// gateway once. Default 10 s.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long administrative requests and metadata may take. Default 30 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Metadata older than this is asked for again (<c>metadata.max.age.ms</c>). Default 5 minutes.</summary>
    public TimeSpan MetadataMaxAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Checks the options.</summary>
    /// <exception cref="OptionsValidationException">A rule is broken; the message names key, rule and value.</exception>
    public void Validate()
    {
        var rules = new OptionRules("OrleansStreamClient");
        foreach (var address in Bootstrap)
        {
            rules.Check(TryParseAddress(address, out _), nameof(Bootstrap), address, "must be HOST:PORT with a port from 1 to 65535, such as 127.0.0.1:30000");
        }

        rules.Check(
            ZooKeeper is null || ZooKeeperGateways.TryParse(ZooKeeper, out _),
            nameof(ZooKeeper),
            ZooKeeper,
            "must be HOST:PORT,HOST:PORT/chroot, such as 127.0.0.1:2181/orleansstream");
        rules.Check(ZooKeeper is null || Bootstrap.Count == 0, nameof(ZooKeeper), ZooKeeper, "must not be given together with Bootstrap");
        rules.Check(ClusterId is null || ClusterId.Length > 0, nameof(ClusterId), ClusterId, "must not be empty");
        rules.Check(ConnectTimeout >= TimeSpan.Zero, nameof(ConnectTimeout), ConnectTimeout, "must not be negative");
        rules.Positive(nameof(RequestTimeout), RequestTimeout);
        rules.Positive(nameof(MetadataMaxAge), MetadataMaxAge);
        rules.ThrowIfBroken();
    }

    internal static bool TryParseAddress(string? address, out DnsEndPoint endPoint) => TryParseAddress(address, DefaultGatewayPort, out endPoint);

    internal static bool TryParseAddress(string? address, int defaultPort, out DnsEndPoint endPoint)
    {
        endPoint = null!;
        if (string.IsNullOrWhiteSpace(address) || address.Contains('/', StringComparison.Ordinal) || address.Contains(' ', StringComparison.Ordinal))
        {
            return false;
        }

        // The parser of addresses accepts a port after brackets, and drops it.
        if (address[0] != '[' && IPAddress.TryParse(address, out _))
        {
            endPoint = new DnsEndPoint(address, defaultPort);
            return true;
        }

        if (IPEndPoint.TryParse(address, out var ip))
        {
            endPoint = new DnsEndPoint(ip.Address.ToString(), ip.Port);
            return ip.Port > 0;
        }

        var colon = address.LastIndexOf(':');
        var host = colon < 0 ? address : address[..colon];
        var port = defaultPort;
        if (host.Length == 0
            || Uri.CheckHostName(host) == UriHostNameType.Unknown
            || (colon >= 0 && (!int.TryParse(address.AsSpan(colon + 1), out port) || port is < 1 or > 65535)))
        {
            return false;
        }

        endPoint = new DnsEndPoint(host, port);
        return true;
    }
}
