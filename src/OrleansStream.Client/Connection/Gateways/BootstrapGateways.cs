using System.Net;
using System.Net.Sockets;
using Orleans.Hosting;

namespace OrleansStream.Client;

/// <summary>The gateways that <see cref="OrleansStreamClientOptions.Bootstrap"/> names.</summary>
internal sealed class BootstrapGateways(IEnumerable<string> addresses) : IGatewaySource
{
    public IReadOnlyList<string> Addresses { get; } = [.. addresses];

    public async Task<Action<IClientBuilder>> FindAsync(CancellationToken cancellationToken)
    {
        var endPoints = await ReachableServers.FindAsync(Addresses.Select(Parse), cancellationToken).ConfigureAwait(false);
        return client => client.UseStaticClustering(endPoints);
    }

    public string Advise(Exception failure) => failure is SocketException
        ? "Start a broker (./run.sh), or give the gateway address that its 'ready' line prints."
        : "Something listens there, but it did not answer as a gateway of this cluster: is it the gateway port that the broker's 'ready' line prints (not the Kafka port), and the same cluster?";

    private static DnsEndPoint Parse(string address)
        => OrleansStreamClientOptions.TryParseAddress(address, out var endPoint) ? endPoint : throw new FormatException($"'{address}' is not HOST:PORT.");
}
