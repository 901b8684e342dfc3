using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;
using FetchRequest = OrleansStream.Protocol.Kafka.FetchRequest;
using FetchResponse = OrleansStream.Protocol.Kafka.FetchResponse;

namespace OrleansStream.Gateway.Tests.Quotas;

/// <summary>Clients over their quota: told so at once, and not read from for that time (KIP-13, KIP-219). Time is given.</summary>
public sealed class ThrottleTests
{
    private const short ProduceVersion = 9;
    private const short FetchVersion = 12;

    private int _fetchedBytes = 3000;

    [Fact]
    public async Task Produce_IsCarriedOutAndTold_AndWhatFollowsWaits_WhenTheClientIsOverItsQuota()
    {
        await using var fixture = await StartAsync("producer_byte_rate", 1000);
        using var client = await fixture.ConnectAsync();
        using var other = await fixture.ConnectAsync();
        (await ProduceAsync(client, 9_900)).ThrottleTimeMs.ShouldBe(0);
        var armed = fixture.Time.ArmedCount;

        // Some 12,000 bytes, the headers included, in ten seconds are too much by two of them.
        var response = await ProduceAsync(client, 2_000);
        response.ThrottleTimeMs.ShouldBeInRange(1_900, 2_200);
        response.Responses[0].PartitionResponses[0].ErrorCode.ShouldBe(ErrorCode.None);

        await fixture.Time.WhenArmedAgainAsync(armed);
        var next = ProduceAsync(client, 1);
        Produced(fixture).ShouldBe(2, "it is not read while the connection is muted");

        // Another connection is served meanwhile.
        await other.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);

        fixture.Time.Advance(TimeSpan.FromMilliseconds(response.ThrottleTimeMs - 1));
        next.IsCompleted.ShouldBeFalse();
        fixture.Time.Advance(TimeSpan.FromMilliseconds(2));
        await next;
        Produced(fixture).ShouldBe(3);
    }

    [Fact]
    public async Task Produce_IsNotHeldUp_ForAnotherClientId_OrWithoutQuota()
    {
        await using var fixture = await StartAsync("producer_byte_rate", 1000, clientId: "slow");
        using var client = await fixture.ConnectAsync();

        (await ProduceAsync(client, 50_000)).ThrottleTimeMs.ShouldBe(0);
        (await ProduceAsync(client, 50_000)).ThrottleTimeMs.ShouldBe(0);
    }

    [Fact]
    public async Task Quota_TakesEffect_WhileTheListenerRuns()
    {
        await using var fixture = await StartAsync("producer_byte_rate", 1000, clientId: "slow");
        using var client = await fixture.ConnectAsync();
        (await ProduceAsync(client, 50_000)).ThrottleTimeMs.ShouldBe(0);

        await fixture.Grains.ApplyAsync(settings => settings with { Quotas = [Quota("producer_byte_rate", 1000, "tests")] });
        (await ProduceAsync(client, 50_000)).ThrottleTimeMs.ShouldBeGreaterThan(39_000);

        await fixture.Grains.ApplyAsync(settings => settings with { Quotas = [] });
        using var second = await fixture.ConnectAsync();
        (await ProduceAsync(second, 50_000)).ThrottleTimeMs.ShouldBe(0);
    }

    [Fact]
    public async Task Connection_IsNotIdle_WhileItIsMuted()
    {
        await using var fixture = await StartAsync("producer_byte_rate", 1000, configure: options => options.ConnectionsMaxIdleMs = 60_000);
        using var client = await fixture.ConnectAsync();
        var response = await ProduceAsync(client, 500_000);
        response.ThrottleTimeMs.ShouldBeGreaterThan(480_000);

        fixture.Time.Advance(TimeSpan.FromMilliseconds(response.ThrottleTimeMs + 30_000));

        (await ProduceAsync(client, 1)).Responses[0].PartitionResponses[0].ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task Fetch_IsAnsweredEmpty_WhenTheClientIsOverItsQuota_AndItsSessionGoesOn()
    {
        await using var fixture = await StartAsync("consumer_byte_rate", 1000);
        using var client = await fixture.ConnectAsync();
        var first = await FetchAsync(client, 0, 0);
        first.SessionId.ShouldBeGreaterThan(0);
        (await FetchAsync(client, first.SessionId, 1)).Responses.ShouldHaveSingleItem();
        (await FetchAsync(client, first.SessionId, 2)).Responses.ShouldHaveSingleItem();

        var empty = await FetchAsync(client, first.SessionId, 3);
        (empty.ThrottleTimeMs, empty.SessionId, empty.ErrorCode).ShouldBe((2_000, first.SessionId, ErrorCode.None));
        empty.Responses.ShouldBeEmpty();

        // The first windows count in full from the beginning: it takes until they lie behind.
        var (again, epoch) = (empty, 4);
        while (again.ThrottleTimeMs > 0)
        {
            fixture.Time.Advance(TimeSpan.FromMilliseconds(again.ThrottleTimeMs));
            again = await FetchAsync(client, first.SessionId, epoch++);
        }

        epoch.ShouldBeLessThan(20);
        again.Responses.ShouldHaveSingleItem().Partitions.ShouldHaveSingleItem().Records!.Value.Length.ShouldBe(3000);
    }

    [Fact]
    public async Task Fetch_BeginsNoSession_WhenItsFirstAnswerIsHeldBack()
    {
        await using var fixture = await StartAsync("consumer_byte_rate", 1000);
        using var client = await fixture.ConnectAsync();
        _fetchedBytes = 9_000;
        await FetchAsync(client, 0, -1);

        var held = await FetchAsync(client, 0, 0);

        held.ThrottleTimeMs.ShouldBe(8_000);
        held.SessionId.ShouldBe(0);
        held.Responses.ShouldBeEmpty();
        fixture.Service<FetchSessions.FetchSessionCache>().Count.ShouldBe(0);
    }

    [Fact]
    public async Task Fetch_AsksForNoMore_ThanTheQuotaAllowsAtATime()
    {
        await using var fixture = await StartAsync("consumer_byte_rate", 1000);
        using var client = await fixture.ConnectAsync();

        await FetchAsync(client, 0, -1);

        await fixture.Grains.Broker.Received().FetchAsync(Arg.Is<Abstractions.FetchRequest>(fetch => fetch.MaxBytes == 250), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Stop_DoesNotWait_ForConnectionsThatAreMuted()
    {
        var fixture = await StartAsync("producer_byte_rate", 1000);
        using var client = await fixture.ConnectAsync();
        await ProduceAsync(client, 500_000);

        await fixture.DisposeAsync();

        await client.ShouldBeClosedAsync();
    }

    [Fact]
    public async Task MaxConnections_CanBeChanged_WhileTheListenerRuns()
    {
        await using var fixture = await GatewayFixture.StartAsync(options => options.MaxConnections = 1);
        using var first = await fixture.ConnectAsync();
        await first.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
        using var refused = await fixture.ConnectAsync();
        await refused.ShouldBeClosedAsync();

        await fixture.Grains.ApplyAsync(settings => settings with { MaxConnections = 2 });

        using var second = await fixture.ConnectAsync();
        await second.CallAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
    }

    private static ClientQuota Quota(string key, double value, string clientId) => new([new QuotaEntityPart("client-id", clientId)], [new QuotaValue(key, value)]);

    private async Task<GatewayFixture> StartAsync(string key, double value, string clientId = "tests", Action<KafkaGatewayOptions>? configure = null)
    {
        var fixture = await GatewayFixture.StartAsync(configure);
        fixture.Grains.Partition("t/0@1").ProduceAsync(Arg.Any<PartitionProduceRequest>(), Arg.Any<CancellationToken>())
            .Returns(new PartitionProduceResponse(ErrorCode.None, null, 1, -1, 0, 4));
        fixture.Grains.Broker.FetchAsync(Arg.Any<Abstractions.FetchRequest>(), Arg.Any<CancellationToken>())
            .Returns(_ => new Abstractions.FetchResponse([new PartitionReadResponse(ErrorCode.None, null, 10, 10, 0, 1, new byte[_fetchedBytes])]));
        await fixture.Grains.ApplyAsync(settings => settings with { Quotas = [Quota(key, value, clientId)] });
        return fixture;
    }

    private static int Produced(GatewayFixture fixture) => fixture.Grains.Partition("t/0@1").ReceivedCalls().Count();

    private static Task<ProduceResponse> ProduceAsync(TestClient client, int bytes)
        => client.CallAsync<ProduceRequest, ProduceResponse>(SampleRequests.Produce("t", 0, acks: 1, bytes), ProduceVersion);

    private static Task<FetchResponse> FetchAsync(TestClient client, int sessionId, int sessionEpoch)
        => client.CallAsync<FetchRequest, FetchResponse>(
            new FetchRequest
            {
                MaxBytes = 1_000_000,
                SessionId = sessionId,
                SessionEpoch = sessionEpoch,
                Topics = sessionId == 0 ? [new() { Topic = "t", Partitions = [new() { Partition = 0, PartitionMaxBytes = 100_000 }] }] : [],
            },
            FetchVersion);
}
