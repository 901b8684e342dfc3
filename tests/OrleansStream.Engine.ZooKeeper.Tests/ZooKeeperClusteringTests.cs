using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Engine.ZooKeeper.Tests;

/// <summary>Silos and clients as programs set them up, which find each other through a real server.</summary>
public sealed class ZooKeeperClusteringTests(StandaloneServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<IHost> _hosts = [];
    private readonly string _clusterId = $"cluster-{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        ZooKeeperInstallation.SkipIfMissing();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    [Fact]
    public async Task Silos_KnowEachOther_AndForgetOneThatLeaves()
    {
        var one = await StartSiloAsync("one");
        var two = await StartSiloAsync("two");
        var three = await StartSiloAsync("three");

        foreach (var silo in new[] { one, two, three })
        {
            await SeesAsync(silo, ["one", "three", "two"]);
        }

        await two.StopAsync(Cancellation);

        await SeesAsync(one, ["one", "three"]);
        await SeesAsync(three, ["one", "three"]);
    }

    [Fact]
    public async Task Client_FindsTheGateways_ThroughZooKeeper()
    {
        await StartSiloAsync("one");
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleansClient(client => client
            .UseZooKeeperClustering(options => options.ConnectionString = $"{server.Address}/engine")
            .Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = _clusterId));

        var host = await StartAsync(builder);

        host.Services.GetRequiredService<IClusterClient>().ShouldNotBeNull("a client that finds no gateway does not start");
    }

    [Fact]
    public async Task Silos_StayTogether_WhenTheServerIsAwayForAWhile()
    {
        await using var own = new ZooKeeperServer(ZooKeeperServer.FreePort()).Start();
        var one = await StartSiloAsync("one", own.Address);
        var two = await StartSiloAsync("two", own.Address);
        await SeesAsync(one, ["one", "two"]);

        await own.KillAsync();
        own.Start();
        await StartSiloAsync("three", own.Address);

        await SeesAsync(one, ["one", "three", "two"]);
        await SeesAsync(two, ["one", "three", "two"]);
    }

    private async Task<IHost> StartSiloAsync(string name, string? address = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            silo.UseZooKeeperClustering(options => options.ConnectionString = $"{address ?? server.Address}/engine")
                .Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = _clusterId)
                .Configure<SiloOptions>(options => options.SiloName = name);
            silo.ConfigureEndpoints(System.Net.IPAddress.Loopback, ZooKeeperServer.FreePort(), ZooKeeperServer.FreePort());
        });
        return await StartAsync(builder);
    }

    private async Task<IHost> StartAsync(HostApplicationBuilder builder)
    {
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync(Cancellation);
        return host;
    }

    private static async Task SeesAsync(IHost silo, string[] names)
    {
        var membership = silo.Services.GetRequiredService<IClusterMembershipService>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(patience.Token))
        {
            if (Active(snapshot).SequenceEqual(names))
            {
                return;
            }
        }

        Active(membership.CurrentSnapshot).ShouldBe(names);

        static IEnumerable<string> Active(ClusterMembershipSnapshot snapshot)
            => snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.Name).Order(StringComparer.Ordinal);
    }
}
