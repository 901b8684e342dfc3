using Orleans;
using Orleans.TestingHost;
using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests;

/// <summary>One silo and a client, for the tests that need nothing else.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster = new InProcessTestClusterBuilder(1).Build();

    /// <summary>Through the gateway, over TCP.</summary>
    public IClusterClient Remote => _cluster.Client;

    /// <summary>Inside the silo.</summary>
    public IGrainFactory Local => (IGrainFactory)_cluster.GetSiloServiceProvider().GetService(typeof(IGrainFactory))!;

    public IGrainFactory From(bool isLocal) => isLocal ? Local : Remote;

    public async ValueTask InitializeAsync() => await _cluster.DeployAsync().WaitAsync(TestGates.Limit);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
