namespace OrleansStream.Faults.Network;

/// <summary>Everything on 127.0.0.1, on ports that were free at the start. Needs no rights, and cuts nothing.</summary>
public sealed class LoopbackNetwork : ClusterNetwork
{
    private readonly BrokerEndpoint[] _brokers;

    /// <summary>A network for so many brokers.</summary>
    public LoopbackNetwork(int brokers)
    {
        var ports = FreePorts.Take((3 * brokers) + 1);
        _brokers = [.. Enumerable.Range(0, brokers).Select(i => new BrokerEndpoint("127.0.0.1", ports[3 * i], ports[(3 * i) + 1], ports[(3 * i) + 2]))];
        ZooKeeperEndpoint = ("127.0.0.1", ports[^1]);
    }

    /// <inheritdoc/>
    public override string? WhyNoCuts => "on loopback no connection can be cut; run tests/faults.sh where unshare and ip can make network namespaces";

    /// <inheritdoc/>
    public override (string Host, int Port) ZooKeeperEndpoint { get; }

    /// <inheritdoc/>
    public override BrokerEndpoint BrokerEndpoint(int id) => _brokers[id - 1];

    /// <inheritdoc/>
    public override IReadOnlyList<string> RunOn(string node) => [];

    /// <inheritdoc/>
    public override Task CutAsync(string node, string other) => throw new NotSupportedException(WhyNoCuts);

    /// <inheritdoc/>
    public override Task HealAsync() => Task.CompletedTask;
}
