using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace OrleansStream.Client.Tests.Connection;

/// <summary>Reaching a cluster or not, and the client in a host's services.</summary>
public sealed class ConnectTests
{
    [Fact]
    public async Task ConnectAsync_NamesTheAddressAndWhatToDo_WhenNothingListens()
    {
        var port = FreePort();

        var exception = await Should.ThrowAsync<BrokerUnavailableException>(
            OrleansStreamClient.ConnectAsync($"127.0.0.1:{port}", options => options.ConnectTimeout = TimeSpan.FromMilliseconds(300)).Within("the failure"));

        exception.Message.ShouldStartWith($"No broker answered at 127.0.0.1:{port} within 0.3 s (Connection refused");
        exception.Message.ShouldContain("Start a broker (./run.sh)");
        exception.Bootstrap.ShouldBe([$"127.0.0.1:{port}"]);
        exception.IsRetriable.ShouldBeTrue();
    }

    [Fact]
    public async Task ConnectAsync_NamesZooKeeper_WhenNothingListensThere()
    {
        var options = new OrleansStreamClientOptions { ZooKeeper = $"127.0.0.1:{FreePort()}/chroot", ConnectTimeout = TimeSpan.FromMilliseconds(300) };

        var exception = await Should.ThrowAsync<BrokerUnavailableException>(OrleansStreamClient.ConnectAsync(options).Within("the failure"));

        exception.Message.ShouldStartWith($"No broker answered at {options.ZooKeeper} within 0.3 s (Connection refused");
        exception.Message.ShouldContain("Start ZooKeeper");
        exception.Bootstrap.ShouldBe([options.ZooKeeper]);
    }

    [Fact]
    public Task ConnectAsync_Refuses_WhenItIsNotSaidWhereTheClusterIs()
        => Should.ThrowAsync<OptionsValidationException>(OrleansStreamClient.ConnectAsync(new OrleansStreamClientOptions()));

    [Fact]
    public async Task ConnectAsync_SaysThatItIsNoGateway_WhenSomethingElseListens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var exception = await Should.ThrowAsync<BrokerUnavailableException>(
            OrleansStreamClient.ConnectAsync($"127.0.0.1:{port}", options => options.ConnectTimeout = TimeSpan.FromMilliseconds(300)).Within("the failure"));

        exception.Message.ShouldContain("not the Kafka port");
    }

    [Fact]
    public async Task AddOrleansStreamClient_UsesTheHostsGrainFactory_WhenNoBootstrapIsGiven()
    {
        var cluster = new FakeCluster().AddTopic("t");
        var services = new ServiceCollection();
        services.AddSingleton(cluster.Factory);
        services.AddOrleansStreamClient()
            .AddProducer<string, string>(options => options.LingerMs = 1)
            .AddConsumer<string, string>()
            .AddHealthCheck(tags: ["ready"]);
        await using var provider = services.BuildServiceProvider();

        var producer = provider.GetRequiredService<IProducer<string, string>>();
        await producer.ProduceAsync("t", "k", "v").Within("the delivery");
        var consumer = provider.GetRequiredService<IConsumer<string, string>>();
        consumer.Assign(new TopicPartitionOffset("t", 0, OffsetSpec.Earliest));

        (await consumer.PollAsync(Expect.Patience)).ShouldNotBeNull().Value.ShouldBe("v");
        provider.GetRequiredService<IProducer<string, string>>().ShouldBeSameAs(producer);
        provider.GetRequiredService<IConsumer<string, string>>().ShouldNotBeSameAs(consumer);
        var health = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        health.Status.ShouldBe(HealthStatus.Healthy);
        health.Entries["orleansstream"].Tags.ShouldBe(["ready"]);
    }

    [Fact]
    public async Task AddOrleansStreamClient_SaysWhatIsMissing_WhenThereIsNoWayToTheCluster()
    {
        await using var provider = new ServiceCollection().AddOrleansStreamClient().Services.BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IOrleansStreamClient>()).Message.ShouldContain("Bootstrap is empty");
    }

    [Fact]
    public async Task CheckHealthAsync_IsUnhealthy_WhenNoBrokerAnswers()
    {
        var services = new ServiceCollection();
        services.AddOrleansStreamClient(options =>
        {
            options.Bootstrap = [$"127.0.0.1:{FreePort()}"];
            options.ConnectTimeout = TimeSpan.Zero;
            options.RequestTimeout = TimeSpan.FromMilliseconds(50);
        }).AddHealthCheck();
        await using var provider = services.BuildServiceProvider();

        var health = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        health.Status.ShouldBe(HealthStatus.Unhealthy);
        health.Entries["orleansstream"].Description!.ShouldContain("No broker answered at 127.0.0.1:");
    }

    [Fact]
    public async Task DisposeAsync_FlushesTheProducersMadeFromIt()
    {
        var cluster = new FakeCluster().AddTopic("t");
        var client = cluster.Connect();
        var producer = client.CreateProducer<Null, string>(options => options.LingerMs = 60_000);
        await producer.SendAsync("t", null, "x");

        await client.DisposeAsync().Within("disposing");

        cluster["t"].Values().ShouldBe(["x"]);
        Should.Throw<ObjectDisposedException>(() => client.CreateProducer<Null, string>());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
