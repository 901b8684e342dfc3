using Microsoft.Extensions.Logging;
using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Tests.Connections;

public sealed class FramingTests
{
    [Fact]
    public async Task Requests_AreAnswered_HoweverTheirBytesAreSplit()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        using var client = await fixture.ConnectAsync();
        byte[] two =
        [
            .. TestClient.Frame(new ApiVersionsRequest { ClientSoftwareName = "split", ClientSoftwareVersion = "1" }, 3, 1),
            .. TestClient.Frame(new MetadataRequest { Topics = [] }, 9, 2),
        ];
        for (var split = 1; split < two.Length; split++)
        {
            await client.SendBytesAsync(two.AsMemory(0, split));
            await client.SendBytesAsync(two.AsMemory(split));
            (await client.ReceiveAsync<ApiVersionsResponse>(1, 3)).ErrorCode.ShouldBe(ErrorCode.None);
            (await client.ReceiveAsync<MetadataResponse>(2, 9)).ClusterId.ShouldBe("cluster-x");
        }
    }

    [Theory]
    [InlineData(3000)]
    [InlineData(5000)]
    [InlineData(40_000)]
    [InlineData(70_000)]
    [InlineData(300_000)]
    public async Task Requests_AreAnswered_WhenTheyAreLargerThanABuffer(int nameLength)
    {
        await using var fixture = await GatewayFixture.StartAsync();
        using var client = await fixture.ConnectAsync();
        var names = Enumerable.Range(0, nameLength / 1000).Select(i => i.ToString("D4", null) + new string('x', 996)).ToArray();
        var request = new MetadataRequest { Topics = [.. names.Select(name => new MetadataRequest.MetadataRequestTopic { Name = name })] };
        var frame = TestClient.Frame(request, 9, 1);

        // Three in one go, so that the second and third begin inside a buffer.
        await client.SendBytesAsync((byte[])[.. frame, .. frame, .. frame]);

        for (var i = 0; i < 3; i++)
        {
            (await client.ReceiveAsync<MetadataResponse>(1, 9)).Topics.Select(topic => topic.Name).ShouldBe(names);
        }
    }

    [Theory]
    [InlineData(0x7FFFFFFF)]
    [InlineData(1024 * 1024 + 1)]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Length_IsRefused_BeforeAnythingIsAllocated(int length)
    {
        await using var fixture = await GatewayFixture.StartAsync(options => options.SocketRequestMaxBytes = 1024 * 1024);
        using var client = await fixture.ConnectAsync();
        byte[] prefix = [(byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length];
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await client.SendBytesAsync(prefix);
        await client.ShouldBeClosedAsync();

        // Other tests allocate at the same time, so only an allocation of the announced size would show.
        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(1024L * 1024 * 1024);
        fixture.Log.Lines.ShouldHaveSingleItem().Text.ShouldContain($"{length} bytes");
    }

    [Fact]
    public async Task MalformedRequest_ClosesItsOwnConnection_WithOneLine()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        using var other = await fixture.ConnectAsync();
        await other.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
        byte[][] malformed =
        [
            TestClient.WithLength([0x7F, 0xFF, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF]),     // no such API
            TestClient.WithLength([0, 3, 0, 99, 0, 0, 0, 1, 0xFF, 0xFF]),         // no such version of Metadata
            TestClient.WithLength([0, 3]),                                        // ends in the header
            TestClient.WithLength([0, 3, 0, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0x7F, 0, 0, 0]), // an array of 2 billion
            "GET / HTTP/1.1\r\nHost: kafka\r\n\r\n"u8.ToArray(),
        ];
        for (var i = 0; i < malformed.Length; i++)
        {
            using var client = await fixture.ConnectAsync();
            await client.SendBytesAsync(malformed[i]);
            await client.ShouldBeClosedAsync();
            fixture.Log.Lines.Count.ShouldBe(i + 1);
        }

        fixture.Log.Lines.ShouldAllBe(line => line.Level == LogLevel.Warning);
        fixture.Log.Lines[1].Text.ShouldContain("Version 99 of Metadata is not served; 0 to 12 are");
        await other.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
    }

    [Fact]
    public async Task MalformedRequest_ComesAfterTheAnswersBeforeIt()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        using var client = await fixture.ConnectAsync();

        await client.SendBytesAsync((byte[])[.. TestClient.Frame(new MetadataRequest { Topics = [] }, 9, 5), .. TestClient.WithLength([0, 3])]);

        await client.ReceiveAsync<MetadataResponse>(5, 9);
        await client.ShouldBeClosedAsync();
    }
}
