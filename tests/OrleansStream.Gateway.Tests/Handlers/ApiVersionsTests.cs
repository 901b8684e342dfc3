using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Tests.Handlers;

public sealed class ApiVersionsTests
{
    [Fact]
    public async Task UnknownVersion_IsAnsweredInVersion0_WithTheRangeThatWorks()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        using var client = await fixture.ConnectAsync();

        // The rest of a version that nobody knows may look like anything.
        await client.SendBytesAsync(TestClient.WithLength([0, 18, 0, 99, 0, 0, 0, 7, 0xDE, 0xAD, 0xBE, 0xEF]));

        (await client.ReceiveFrameAsync()).ShouldBe([0, 0, 0, 7, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4]);
        (await client.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0)).ErrorCode.ShouldBe(ErrorCode.None);
        fixture.Log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task EveryApiThatIsShown_IsServed_AndNoOther()
    {
        await using var fixture = await GatewayFixture.StartAsync();
        using var client = await fixture.ConnectAsync();

        var response = await client.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(
            new ApiVersionsRequest { ClientSoftwareName = "tests", ClientSoftwareVersion = "1.0" }, 4);

        response.ApiKeys.Select(api => (int)api.ApiKey).ShouldBe(
            [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 32, 33, 37, 42, 43, 44, 45, 46, 47, 48, 49, 60, 61, 68, 69, 75]);
        response.ApiKeys[0].MinVersion.ShouldBe((short)0, "librdkafka before 2.10 turns compression off otherwise");
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData("a b", "1")]
    [InlineData("-a", "1")]
    [InlineData("a", "1;2")]
    public async Task SoftwareName_IsRefused_WhenItIsNotOneOfKip511(string name, string version)
    {
        await using var fixture = await GatewayFixture.StartAsync();
        using var client = await fixture.ConnectAsync();

        var response = await client.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(
            new ApiVersionsRequest { ClientSoftwareName = name, ClientSoftwareVersion = version }, 3);

        response.ErrorCode.ShouldBe(ErrorCode.InvalidRequest);
    }
}
