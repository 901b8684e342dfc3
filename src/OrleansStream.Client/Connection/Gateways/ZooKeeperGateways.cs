using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
using Orleans.Hosting;

namespace OrleansStream.Client;

/// <summary>The gateways of the brokers that are registered in ZooKeeper, as they come and go.</summary>
/// <param name="connectString"><see cref="OrleansStreamClientOptions.ZooKeeper"/>.</param>
internal sealed class ZooKeeperGateways(string connectString) : IGatewaySource
{
    /// <summary>ZooKeeper's port unless it is told otherwise.</summary>
    private const int DefaultPort = 2181;

    public IReadOnlyList<string> Addresses { get; } = [connectString];

    public async Task<Action<IClientBuilder>> FindAsync(CancellationToken cancellationToken)
    {
        if (!TryParse(connectString, out var servers))
        {
            throw new FormatException($"'{connectString}' is not HOST:PORT,HOST:PORT/chroot.");
        }

        // Whoever reads the table waits longer than a person does for a server that is not there.
        await ReachableServers.FindAsync(servers, cancellationToken).ConfigureAwait(false);
        return client => client.UseZooKeeperClustering((ZooKeeperGatewayListProviderOptions options) => options.ConnectionString = connectString);
    }

    public string Advise(Exception failure) => failure is SocketException
        ? "Start ZooKeeper, or give the address that the brokers were started with (--zookeeper)."
        : "ZooKeeper listens there, but no broker of this cluster that is registered in it answered: are they running, with the same connect string and chroot?";

    /// <summary>Reads the servers of a connect string; the chroot has to be a path.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DnsEndPoint[]? servers)
    {
        servers = null;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        var names = (slash < 0 ? text : text![..slash])?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var chroot = slash < 0 ? string.Empty : text![(slash + 1)..];
        if (names.Length == 0 || (chroot.Length > 0 && chroot.Split('/').Any(part => part is "" or "." or ".." || part.Any(char.IsWhiteSpace))))
        {
            return false;
        }

        var parsed = new DnsEndPoint[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            if (!OrleansStreamClientOptions.TryParseAddress(names[i], DefaultPort, out parsed[i]))
            {
                return false;
            }
        }

        servers = parsed;
        return true;
    }
}
