using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using OrleansStream.Engine.Hosting;
using OrleansStream.Engine.Membership;
using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests;

/// <summary>Hosts as programs set them up: static endpoints, silos that share a membership, clients outside.</summary>
public sealed class HostingTests : IAsyncLifetime
{
    private readonly List<IHost> _hosts = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    [Fact]
    public async Task Silos_FindEachOther_ThroughTheMembership()
    {
        var membership = new InMemoryMembershipTable();
        var first = await StartSiloAsync("one", 0, FreePort(), membership);
        var second = await StartSiloAsync("two", 0, 0, membership);
        var third = await StartSiloAsync("three", 0, 0, membership);
        var client = await StartClientAsync(first.Services.GetRequiredService<ILocalSiloDetails>().GatewayAddress.Endpoint.Port);

        foreach (var name in new[] { "one", "two", "three" })
        {
            foreach (var caller in new[] { first, second, third, client })
            {
                var grain = caller.Services.GetRequiredService<IClusterClient>().GetGrain<IPinnedGrain>($"{name}/{Guid.NewGuid()}");
                (await ClusterTests.UntilAnsweredAsync(grain.GetSiloNameAsync)).ShouldBe(name);
            }
        }

        var names = third.Services.GetRequiredService<IClusterMembershipService>().CurrentSnapshot.Members.Values.Select(member => member.Name);
        names.ShouldBe(["one", "two", "three"], ignoreOrder: true);
    }

    [Fact]
    public async Task Silo_IsDeclaredDead_WhenItNoLongerAnswers()
    {
        var membership = new InMemoryMembershipTable();
        var first = await StartSiloAsync("one", 0, 0, membership);
        var second = await StartSiloAsync("two", 0, 0, membership);
        var address = second.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

        SiloServices.Abort(second.Services);

        await UntilAsync(first.Services.GetRequiredService<IClusterMembershipService>(), snapshot => snapshot.GetSiloStatus(address) == SiloStatus.Dead);
    }

    [Fact]
    public async Task Silos_FindEachOtherAgain_WhenOneWasKilledAndReturnsAtItsPort()
    {
        var membership = new InMemoryMembershipTable();
        var siloPort = FreePort();
        var first = await StartSiloAsync("one", siloPort, 0, membership);
        var second = await StartSiloAsync("two", 0, 0, membership);
        var firstAddress = first.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        SiloServices.Abort(first.Services);
        await UntilAsync(second.Services.GetRequiredService<IClusterMembershipService>(), snapshot => snapshot.GetSiloStatus(firstAddress) == SiloStatus.Dead);

        var returned = await StartSiloAsync("one", siloPort, 0, membership);

        foreach (var (from, to) in new[] { (returned, "two"), (second, "one") })
        {
            var grain = from.Services.GetRequiredService<IGrainFactory>().GetGrain<IPinnedGrain>($"{to}/{Guid.NewGuid()}");
            (await ClusterTests.UntilAnsweredAsync(grain.GetSiloNameAsync)).ShouldBe(to);
        }
    }

    [Fact]
    public async Task UseLocalhostClustering_Refuses_WhenAnotherSiloIsToBeThePrimary()
    {
        var error = await Should.ThrowAsync<NotSupportedException>(
            StartSiloAsync("two", 0, 0, null, silo => silo.UseLocalhostClustering(0, 0, new IPEndPoint(IPAddress.Loopback, 11111))));

        error.Message.ShouldContain("127.0.0.1:11111");
        error.Message.ShouldContain("UseZooKeeperClustering");
    }

    [Fact]
    public async Task StartupTasksAndParticipants_RunInTheOrderOfTheirStages()
    {
        var order = new List<string>();
        var builder = CreateBuilder();
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(0, 0)
            .AddStartupTask((services, _) =>
            {
                order.Add("startup task");
                return services.GetRequiredService<IGrainFactory>().GetGrain<IProbeGrain>("from startup").EchoAsync("x");
            })
            .ConfigureServices(services => services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(new Participant(order))));
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);

        order.ShouldBe(["up 10000", "up 19999", "startup task", "down 19999", "down 10000"]);
    }

    [Fact]
    public async Task Start_NamesThePort_WhenItIsTaken()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;

        var error = await Should.ThrowAsync<IOException>(StartSiloAsync("one", port, 0, null));

        error.Message.ShouldContain($"127.0.0.1:{port}");
    }

    [Fact]
    public async Task ClientStart_FailsWithTheAddress_WhenNobodyListens()
    {
        var port = FreePort();
        var attempts = 0;

        var error = await Should.ThrowAsync<ConnectionFailedException>(StartClientAsync(port, client => client.UseConnectionRetryFilter((_, _) => Task.FromResult(++attempts < 3))));

        error.Message.ShouldContain($"127.0.0.1:{port}");
        attempts.ShouldBe(3);
    }

    [Fact]
    public async Task ClientStart_FailsClearly_WhenTheClusterIsAnother()
    {
        var silo = await StartSiloAsync("one", 0, FreePort(), null);
        var port = silo.Services.GetRequiredService<ILocalSiloDetails>().GatewayAddress.Endpoint.Port;

        var error = await Should.ThrowAsync<OrleansException>(StartClientAsync(port, client => client.Configure<ClusterOptions>(options => options.ClusterId = "other")));

        error.Message.ShouldContain("'other'");
        error.Message.ShouldContain("'dev'");
    }

    [Fact]
    public async Task Client_ConnectsAgain_WhenItsSiloReturns()
    {
        var port = FreePort();
        var silo = await StartSiloAsync("one", 0, port, null);
        var client = await StartClientAsync(port);
        var grain = client.Services.GetRequiredService<IClusterClient>().GetGrain<IProbeGrain>("returning");
        await grain.EchoAsync("x");
        _hosts.Remove(silo);
        await silo.StopAsync(TestContext.Current.CancellationToken);
        silo.Dispose();
        await Should.ThrowAsync<OrleansMessageRejectionException>(grain.EchoAsync("away"));

        await StartSiloAsync("one", 0, port, null);

        (await ClusterTests.UntilAnsweredAsync(() => grain.EchoAsync("back"))).ShouldBe("back");
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\x05\0\0\0hello")]
    [InlineData("\x01\0\0\0\x01")]
    [InlineData("\x02\0\0\0\x04\x04")]
    public async Task Gateway_ClosesTheConnection_WhenItIsNoClient(string garbage)
    {
        var silo = await StartSiloAsync("one", 0, FreePort(), null);
        var gateway = silo.Services.GetRequiredService<ILocalSiloDetails>().GatewayAddress.Endpoint;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(gateway, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.Latin1.GetBytes(garbage), TestContext.Current.CancellationToken);

        await UntilClosedAsync(socket);

        var client = await StartClientAsync(gateway.Port);
        (await client.Services.GetRequiredService<IClusterClient>().GetGrain<IProbeGrain>("unharmed").EchoAsync("x")).ShouldBe("x");
    }

    [Fact]
    public async Task Gateway_SurvivesRandomFrames_AfterAProperHello()
    {
        var silo = await StartSiloAsync("one", 0, FreePort(), null);
        var gateway = silo.Services.GetRequiredService<ILocalSiloDetails>().GatewayAddress.Endpoint;
        var hello = HelloBytes("dev");
        var random = new Random(4711);
        for (var round = 0; round < 200; round++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(gateway, TestContext.Current.CancellationToken);
            await socket.SendAsync(hello, TestContext.Current.CancellationToken);
            var frame = new byte[4 + random.Next(1, 64)];
            random.NextBytes(frame);
            BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - 4);
            frame[4] = (byte)random.Next(4, 12);
            await socket.SendAsync(frame, TestContext.Current.CancellationToken);
            socket.Shutdown(SocketShutdown.Send);
            await UntilClosedAsync(socket);
        }

        var client = await StartClientAsync(gateway.Port);
        (await client.Services.GetRequiredService<IClusterClient>().GetGrain<IProbeGrain>("unharmed").EchoAsync("x")).ShouldBe("x");
    }

    [Fact]
    public async Task Call_IsRefused_WhenTheMessageIsTooLarge_AndTheConnectionStays()
    {
        var silo = await StartSiloAsync("one", 0, FreePort(), null, builder => builder.Configure<SiloMessagingOptions>(options => options.MaxMessageBodySize = 100_000));
        var port = silo.Services.GetRequiredService<ILocalSiloDetails>().GatewayAddress.Endpoint.Port;
        var client = await StartClientAsync(port, builder => builder.Configure<ClientMessagingOptions>(options => options.MaxMessageBodySize = 50_000));
        var grain = client.Services.GetRequiredService<IClusterClient>().GetGrain<IProbeGrain>("large");

        (await Should.ThrowAsync<InvalidMessageFrameException>(grain.EchoBytesAsync(new byte[60_000]))).Message.ShouldContain("50000");

        (await grain.EchoBytesAsync(new byte[40_000])).Length.ShouldBe(40_000);
    }

    private static byte[] HelloBytes(string clusterId)
    {
        var frame = OrleansStream.Engine.Messaging.Handshake.Hello(new OrleansStream.Engine.Messaging.PeerIdentity(clusterId, "fuzz", null));
        var bytes = new List<byte>();
        var position = default(OrleansStream.Engine.CodeGeneration.MessageWriter.SegmentPosition);
        var tailIsDone = false;
        while (frame.TryGetNextSegment(ref position, ref tailIsDone, out var segment))
        {
            bytes.AddRange(segment.ToArray());
        }

        frame.Finish();
        return [.. bytes];
    }

    private static async Task UntilAsync(IClusterMembershipService membership, Func<ClusterMembershipSnapshot, bool> condition)
    {
        using var limit = new CancellationTokenSource(TestGates.Limit);
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(limit.Token))
        {
            if (condition(snapshot))
            {
                return;
            }
        }

        throw new TimeoutException($"The membership did not become what was expected; it is {membership.CurrentSnapshot}.");
    }

    private static async Task UntilClosedAsync(Socket socket)
    {
        var buffer = new byte[4096];
        try
        {
            using var limit = new CancellationTokenSource(TestGates.Limit);
            while (await socket.ReceiveAsync(buffer, limit.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end as well.
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static HostApplicationBuilder CreateBuilder() => new(new HostApplicationBuilderSettings { DisableDefaults = true });

    private async Task<IHost> StartSiloAsync(string name, int siloPort, int gatewayPort, InMemoryMembershipTable? membership, Action<ISiloBuilder>? configure = null)
    {
        var builder = CreateBuilder();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort)
                .Configure<SiloOptions>(options => options.SiloName = name)
                .Configure<ClusterMembershipOptions>(options =>
                {
                    options.ProbeTimeout = TimeSpan.FromMilliseconds(100);
                    options.NumMissedProbesLimit = 2;
                    options.TableRefreshTimeout = TimeSpan.FromMilliseconds(200);
                })
                .AddPlacementDirector<PinnedPlacement, PinnedPlacementDirector>();
            if (membership is not null)
            {
                SiloServices.UseMembership(silo.Services, membership);
            }

            configure?.Invoke(silo);
        });
        return await StartAsync(builder);
    }

    private async Task<IHost> StartClientAsync(int gatewayPort, Action<IClientBuilder>? configure = null)
    {
        var builder = CreateBuilder();
        builder.UseOrleansClient(client =>
        {
            client.UseLocalhostClustering(gatewayPort);
            configure?.Invoke(client);
        });
        return await StartAsync(builder);
    }

    private async Task<IHost> StartAsync(HostApplicationBuilder builder)
    {
        var host = builder.Build();
        await host.StartAsync().WaitAsync(TestGates.Limit);
        _hosts.Add(host);
        return host;
    }

    private sealed class Participant(List<string> order) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle)
        {
            foreach (var stage in new[] { ServiceLifecycleStage.BecomeActive, ServiceLifecycleStage.ApplicationServices })
            {
                lifecycle.Subscribe("test", stage, _ => Add($"up {stage}"), _ => Add($"down {stage}"));
            }
        }

        private Task Add(string text)
        {
            order.Add(text);
            return Task.CompletedTask;
        }
    }
}
