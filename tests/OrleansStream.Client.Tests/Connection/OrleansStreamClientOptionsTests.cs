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
}
