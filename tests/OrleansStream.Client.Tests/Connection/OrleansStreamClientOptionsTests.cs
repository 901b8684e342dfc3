using System.Net;

namespace OrleansStream.Client.Tests.Connection;

public sealed class OrleansStreamClientOptionsTests
{
    [Theory]
    [InlineData("127.0.0.1:30000", "127.0.0.1", 30000)]
    [InlineData("127.0.0.1", "127.0.0.1", 30000)]
    [InlineData("localhost:1", "localhost", 1)]
    [InlineData("broker-1.example.org:31000", "broker-1.example.org", 31000)]
    [InlineData("broker", "broker", 30000)]
    [InlineData("[::1]:30001", "::1", 30001)]
    [InlineData("::1", "::1", 30000)]
    public void Validate_AcceptsAddresses(string address, string host, int port)
    {
        OrleansStreamClientOptions.TryParseAddress(address, out var endPoint).ShouldBeTrue();
        endPoint.ShouldBe(new DnsEndPoint(host, port));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(":30000")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:70000")]
    [InlineData("host:port")]
    [InlineData("http://host:30000")]
    [InlineData("two words:1")]
    public void Validate_NamesTheAddress_WhenItIsMalformed(string address)
        => Should.Throw<Microsoft.Extensions.Options.OptionsValidationException>(() => new OrleansStreamClientOptions { Bootstrap = [address] }.Validate())
            .Message.ShouldContain($"OrleansStreamClient.Bootstrap is '{address}'; it must be HOST:PORT");

    [Theory]
    [InlineData("127.0.0.1:2181")]
    [InlineData("zk-1:2181,zk-2:2182,zk-3/orleansstream")]
    [InlineData("[::1]:2181/one/two")]
    [InlineData("zk/")]
    public void Validate_AcceptsZooKeepers(string connectString)
        => Should.NotThrow(() => new OrleansStreamClientOptions { ZooKeeper = connectString }.Validate());

    [Theory]
    [InlineData("")]
    [InlineData("/chroot")]
    [InlineData("zk:port/chroot")]
    [InlineData("zk:2181//chroot")]
    [InlineData("zk:2181/chroot/")]
    [InlineData("zk:2181/..")]
    public void Validate_NamesTheZooKeeper_WhenItIsMalformed(string connectString)
        => Should.Throw<Microsoft.Extensions.Options.OptionsValidationException>(() => new OrleansStreamClientOptions { ZooKeeper = connectString }.Validate())
            .Message.ShouldContain($"OrleansStreamClient.ZooKeeper is '{connectString}'; it must be HOST:PORT,HOST:PORT/chroot");

    [Fact]
    public void Validate_Refuses_WhenGatewaysAndZooKeeperAreGiven()
        => Should.Throw<Microsoft.Extensions.Options.OptionsValidationException>(() => new OrleansStreamClientOptions { Bootstrap = ["host"], ZooKeeper = "zk" }.Validate())
            .Message.ShouldContain("OrleansStreamClient.ZooKeeper is 'zk'; it must not be given together with Bootstrap");
}
