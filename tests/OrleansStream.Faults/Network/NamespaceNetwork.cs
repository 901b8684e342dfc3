using OrleansStream.Faults.Processes;

namespace OrleansStream.Faults.Network;

/// <summary>
/// A network namespace for each node, joined by a bridge. A connection is cut by sending the packets for the other node to a
/// hardware address that nobody has: they are lost without a word, as behind a dead switch. Has to be made in network and mount
/// namespaces of its own (tests/faults.sh sees to that), so that nothing is left behind.
/// </summary>
public sealed class NamespaceNetwork : ClusterNetwork
{
    private const string Bridge = "faults0";
    private const string Nowhere = "02:00:00:00:00:ff";

    private readonly HashSet<(string Node, string Other)> _cuts = [];
    private readonly Dictionary<string, string> _addresses;

    private NamespaceNetwork(int brokers)
    {
        _addresses = Enumerable.Range(1, brokers).ToDictionary(Broker, id => $"10.77.0.{id}");
        _addresses[ZooKeeper] = "10.77.0.100";
        _addresses[Clients] = "10.77.0.254";
    }

    /// <inheritdoc/>
    public override string? WhyNoCuts => null;

    /// <inheritdoc/>
    public override (string Host, int Port) ZooKeeperEndpoint => (_addresses[ZooKeeper], 2181);

    /// <summary>Makes the namespaces.</summary>
    /// <exception cref="CommandFailedException">They cannot be made.</exception>
    public static async Task<NamespaceNetwork> CreateAsync(int brokers)
    {
        var network = new NamespaceNetwork(brokers);
        await Command.RunAsync("ip", "link", "set", "lo", "up");
        await Command.RunAsync("ip", "link", "add", Bridge, "type", "bridge");
        await Command.RunAsync("ip", "addr", "add", $"{network._addresses[Clients]}/24", "dev", Bridge);
        await Command.RunAsync("ip", "link", "set", Bridge, "up");
        foreach (var (node, address) in network._addresses.Where(pair => pair.Key != Clients))
        {
            await Command.RunAsync("ip", "netns", "add", node);
            await Command.RunAsync("ip", "link", "add", $"to-{node}", "type", "veth", "peer", "name", "eth0", "netns", node);
            await Command.RunAsync("ip", "link", "set", $"to-{node}", "master", Bridge, "up");
            await Command.RunAsync("ip", "-n", node, "addr", "add", $"{address}/24", "dev", "eth0");
            await Command.RunAsync("ip", "-n", node, "link", "set", "eth0", "up");
            await Command.RunAsync("ip", "-n", node, "link", "set", "lo", "up");
        }

        return network;
    }

    /// <inheritdoc/>
    public override BrokerEndpoint BrokerEndpoint(int id) => new(_addresses[Broker(id)], 9092, 30000, 11111);

    /// <inheritdoc/>
    public override IReadOnlyList<string> RunOn(string node) => node == Clients ? [] : ["nsenter", $"--net=/run/netns/{node}", "--"];

    /// <inheritdoc/>
    public override async Task CutAsync(string node, string other)
    {
        foreach (var (from, to) in new[] { (node, other), (other, node) })
        {
            _cuts.Add((from, to));
            await NeighbourAsync("replace", from, to, "lladdr", Nowhere, "nud", "permanent");
        }
    }

    /// <inheritdoc/>
    public override async Task HealAsync()
    {
        foreach (var (from, to) in _cuts)
        {
            await NeighbourAsync("del", from, to);
        }

        _cuts.Clear();
    }

    private Task NeighbourAsync(string verb, string from, string to, params string[] rest) => from == Clients
        ? Command.RunAsync("ip", ["neigh", verb, _addresses[to], "dev", Bridge, .. rest])
        : Command.RunAsync("ip", ["-n", from, "neigh", verb, _addresses[to], "dev", "eth0", .. rest]);
}
