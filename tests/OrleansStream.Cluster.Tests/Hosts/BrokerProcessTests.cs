using System.Net;
using System.Net.Sockets;
using OrleansStream.Grains.Hosting;
using OrleansStream.SiloHost;

namespace OrleansStream.Cluster.Tests.Hosts;

public sealed class BrokerProcessTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ostream-host-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Claim_NamesPortAndOption_WhenAPortIsInUse(bool isGateway)
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var settings = new HostSettings { SiloPort = isGateway ? 0 : port, GatewayPort = isGateway ? port : 0 };

        Should.Throw<UsageException>(() => Endpoints.Claim(settings)).Message.ShouldBe(
            $"Port {port} at 127.0.0.1 is in use by another process: choose another one with {(isGateway ? "--gateway-port" : "--silo-port")}.");
    }

    [Fact]
    public void Claim_FindsTwoFreePorts_WhenBothAre0()
    {
        var endpoints = Endpoints.Claim(new HostSettings { SiloPort = 0, GatewayPort = 0 });

        endpoints.GatewayPort.ShouldNotBe(endpoints.SiloPort);
    }

    [Fact]
    public void Claim_Refuses_WhenBothPortsAreTheSameOrTheHostIsUnknown()
    {
        Should.Throw<UsageException>(() => Endpoints.Claim(new HostSettings { SiloPort = 31234, GatewayPort = 31234 }));
        Should.Throw<UsageException>(() => Endpoints.Claim(new HostSettings { Host = "no.such.host.invalid" })).Message.ShouldContain("no.such.host.invalid");
    }

    [Theory]
    [InlineData("127.0.0.1", null, null, "127.0.0.1")]
    [InlineData("127.0.0.1", "10.1.2.3", "zk:2181", "127.0.0.1")]
    [InlineData("0.0.0.0", null, null, "127.0.0.1")]
    [InlineData("0.0.0.0", "10.1.2.3", "zk:2181", "10.1.2.3")]
    [InlineData("::", "fd00::7", "zk:2181", "fd00::7")]
    public void Claim_TellsOtherBrokersAnAddressThatTheyReach(string host, string? advertisedHost, string? zooKeeper, string expected)
        => Endpoints.Claim(new HostSettings { Host = host, AdvertisedHost = advertisedHost, ZooKeeper = zooKeeper, SiloPort = 0, GatewayPort = 0, KafkaPort = 0 })
            .Advertised.ShouldBe(IPAddress.Parse(expected));

    [Fact]
    public void Claim_AsksForAnAddress_WhenABrokerOfAClusterListensAtAll()
        => Should.Throw<UsageException>(() => Endpoints.Claim(new HostSettings { Host = "0.0.0.0", ZooKeeper = "zk:2181", SiloPort = 0, GatewayPort = 0 }))
            .Message.ShouldContain("--advertised-host");

    [Fact]
    public async Task RunAsync_RefusesTheDirectoryOfAnotherBroker_InOneLine()
    {
        using (var directory = Grains.DataDirectories.DataDirectory.Open(_directory.FullName, 2, null, Guid.NewGuid))
        {
            directory.JoinCluster("cluster");
        }

        var refused = await Should.ThrowAsync<BrokerStartException>(() => RunAsync(_ => { }));

        refused.Message.ShouldStartWith($"The data directory {_directory.FullName} belongs to broker 2, but this is broker 1");
        refused.Message.ShouldNotContain("\n");
    }

    [Fact]
    public async Task RunAsync_RefusesUnknownAndWrongBrokerConfiguration()
    {
        (await Should.ThrowAsync<UsageException>(() => RunAsync(settings => settings.Configs["no.such.key"] = "1"))).Message.ShouldContain("no.such.key");
        (await Should.ThrowAsync<UsageException>(() => RunAsync(settings => settings.Configs["num.partitions"] = "0"))).Message.ShouldContain("num.partitions");
        (await Should.ThrowAsync<UsageException>(() => RunAsync(settings => settings.ZooKeeper = "a:port"))).Message.ShouldContain("'a:port'");
    }

    [Fact]
    public async Task RunAsync_NamesTheZooKeeperThatItCannotReach_InOneLine()
    {
        // Port 1 is nobody's.
        var refused = await Should.ThrowAsync<BrokerStartException>(() => RunAsync(settings =>
        {
            settings.ZooKeeper = "127.0.0.1:1/chroot";
            settings.Configs["zookeeper.connection.timeout.ms"] = "300";
        }));

        refused.Message.ShouldStartWith("ZooKeeper cannot be used: No server of 127.0.0.1:1/chroot could be reached within 0.3 s");
        refused.Message.ShouldNotContain("\n");
    }

    private Task<bool> RunAsync(Action<HostSettings> change)
    {
        var settings = new HostSettings { SiloPort = 0, GatewayPort = 0, DataDirectory = _directory.FullName };
        change(settings);
        return BrokerProcess.RunAsync(settings, Endpoints.Claim(settings), TextWriter.Null);
    }
}
