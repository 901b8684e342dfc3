using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests;

public sealed class TestClusterTests
{
    [Fact]
    public async Task TestCluster_IsSetUpByItsConfigurators()
    {
        await using var cluster = new TestClusterBuilder(2)
            .AddSiloBuilderConfigurator<SiloSetup>()
            .AddClientBuilderConfigurator<ClientSetup>()
            .Build();
        await cluster.DeployAsync().WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);

        cluster.Silos.Count.ShouldBe(2);
        cluster.ServiceProvider.GetRequiredService<Marker>().Text.ShouldBe("client");
        foreach (var silo in cluster.Silos)
        {
            cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<Marker>().Text.ShouldBe("silo");
            (await cluster.GrainFactory.GetGrain<IPinnedGrain>($"{silo.Name}/x").GetSiloNameAsync()).ShouldBe(silo.Name);
        }

        await cluster.StopAllSilosAsync().WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
        cluster.Silos.ShouldBeEmpty();
    }

    private sealed record Marker(string Text);

    private sealed class SiloSetup : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder
            .AddPlacementDirector<PinnedPlacement, PinnedPlacementDirector>()
            .ConfigureServices(services => services.AddSingleton(new Marker("silo")));
    }

    private sealed class ClientSetup : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder)
            => clientBuilder.ConfigureServices(services => services.AddSingleton(new Marker("client")));
    }
}
