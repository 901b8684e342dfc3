using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Gateway.FetchSessions;
using OrleansStream.Gateway.Tests.Doubles;
using FetchRequest = OrleansStream.Protocol.Kafka.FetchRequest;
using FetchResponse = OrleansStream.Protocol.Kafka.FetchResponse;

namespace OrleansStream.Gateway.Tests.Handlers;

/// <summary>KIP-227, as a client meets it.</summary>
public sealed class FetchSessionTests
{
    private const short Version = 12;

    private readonly List<Abstractions.FetchRequest> _asked = [];
    private readonly Dictionary<string, PartitionReadResponse> _answers = new(StringComparer.Ordinal);

    [Fact]
    public async Task FullFetch_OpensASession_AndShowsEveryPartition()
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();

        var response = await FetchAsync(client, 0, 0, ["a", "b"]);

        response.SessionId.ShouldBeGreaterThan(0);
        Shown(response).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task IncrementalFetch_AsksForTheWholeSession_AndShowsWhatIsNew()
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();
        var id = (await FetchAsync(client, 0, 0, ["a", "b", "c"])).SessionId;

        Shown(await FetchAsync(client, id, 1, [])).ShouldBeEmpty();
        Asked().ShouldBe(["a", "b", "c"]);

        _answers["b"] = Answer(highWatermark: 6, records: 10);
        Shown(await FetchAsync(client, id, 2, [])).ShouldBe(["b"]);
        _answers["b"] = Answer(highWatermark: 6);
        _answers["c"] = Answer(highWatermark: 9);
        Shown(await FetchAsync(client, id, 3, [])).ShouldBe(["c"], "a high watermark is news without records");
        Asked().ShouldBe(["a", "c", "b"], "what was served goes behind the others");
    }

    [Fact]
    public async Task IncrementalFetch_ShowsAnErrorEachTime_AndTheRecoveryFromIt()
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();
        var id = (await FetchAsync(client, 0, 0, ["a"])).SessionId;
        var good = _answers["a"];

        _answers["a"] = good with { Error = ErrorCode.NotLeaderOrFollower };
        Shown(await FetchAsync(client, id, 1, [])).ShouldBe(["a"]);
        Shown(await FetchAsync(client, id, 2, [])).ShouldBe(["a"]);
        _answers["a"] = good;
        Shown(await FetchAsync(client, id, 3, [])).ShouldBe(["a"]);
        Shown(await FetchAsync(client, id, 4, [])).ShouldBeEmpty();
    }

    [Fact]
    public async Task IncrementalFetch_AddsChangesAndForgetsPartitions()
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();
        var id = (await FetchAsync(client, 0, 0, ["a", "b"])).SessionId;

        await FetchAsync(client, id, 1, ["c", "a"], forget: ["b"], offset: 77);

        Asked().ShouldBe(["a", "c"]);
        _asked[^1].Partitions.ShouldAllBe(partition => partition.Offset == 77);
    }

    [Fact]
    public async Task Session_IsRefused_WithAnotherEpochOrId()
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();
        var id = (await FetchAsync(client, 0, 0, ["a"])).SessionId;

        (await FetchAsync(client, id, 2, [])).ErrorCode.ShouldBe(ErrorCode.InvalidFetchSessionEpoch);
        (await FetchAsync(client, id, 1, [])).ErrorCode.ShouldBe(ErrorCode.None);
        (await FetchAsync(client, id, 1, [])).ErrorCode.ShouldBe(ErrorCode.InvalidFetchSessionEpoch);
        (await FetchAsync(client, id ^ 1, 1, [])).ErrorCode.ShouldBe(ErrorCode.FetchSessionIdNotFound);
        (await FetchAsync(client, 0, 1, [])).ErrorCode.ShouldBe(ErrorCode.FetchSessionIdNotFound);
    }

    [Fact]
    public async Task Session_Ends_WithTheFinalEpochOrANewFullFetch()
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();
        var first = (await FetchAsync(client, 0, 0, ["a"])).SessionId;

        var second = (await FetchAsync(client, first, 0, ["a"])).SessionId;
        second.ShouldNotBe(first);
        (await FetchAsync(client, first, 1, [])).ErrorCode.ShouldBe(ErrorCode.FetchSessionIdNotFound);
        var last = await FetchAsync(client, second, -1, ["a"]);
        last.SessionId.ShouldBe(0);
        Shown(last).ShouldBe(["a"]);
        fixture.Service<FetchSessionCache>().Count.ShouldBe(0);
    }

    [Fact]
    public async Task Fetch_GoesWithoutASession_WhenTheCacheIsFullOfSessionsInUse()
    {
        await using var fixture = await StartAsync(options => options.MaxFetchSessions = 2);
        using var client = await fixture.ConnectAsync();
        var oldest = (await FetchAsync(client, 0, 0, ["a"])).SessionId;
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        var newer = (await FetchAsync(client, 0, 0, ["a"])).SessionId;

        var without = await FetchAsync(client, 0, 0, ["a"]);
        without.SessionId.ShouldBe(0);
        Shown(without).ShouldBe(["a"]);

        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        (await FetchAsync(client, 0, 0, ["a"])).SessionId.ShouldBeGreaterThan(0, "the oldest is old enough to make room");
        (await FetchAsync(client, oldest, 1, [])).ErrorCode.ShouldBe(ErrorCode.FetchSessionIdNotFound);
        (await FetchAsync(client, newer, 1, [])).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task Fetch_HasNoSession_BeforeVersion7()
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();

        Shown(await client.CallAsync<FetchRequest, FetchResponse>(Request(0, 0, ["a"], [], 0), 6)).ShouldBe(["a"]);

        fixture.Service<FetchSessionCache>().Count.ShouldBe(0);
    }

    [Fact]
    public void ForgottenPartition_IsNotBroughtBack_WhenItWasBeingFetched()
    {
        var session = new FetchSession(1, usesTopicIds: false);
        session.Set(new FetchPartition("a", 0, 0, 1, -1));
        var fetched = session.Partitions[0];

        session.Forget(Guid.Empty, "a", 0);
        session.MoveToEnd(fetched);

        session.Partitions.ShouldBeEmpty();
        session.Count.ShouldBe(0);
    }

    private static PartitionReadResponse Answer(long highWatermark, int records = 0)
        => new(ErrorCode.None, null, highWatermark, highWatermark, 0, 4, new byte[records]);

    private static FetchRequest Request(int id, int epoch, string[] topics, string[] forget, long offset) => new()
    {
        SessionId = id,
        SessionEpoch = epoch,
        MaxBytes = 1000,
        Topics = [.. topics.Select(topic => new FetchRequest.FetchTopic { Topic = topic, Partitions = [new() { FetchOffset = offset, PartitionMaxBytes = 100 }] })],
        ForgottenTopicsData = [.. forget.Select(topic => new FetchRequest.ForgottenTopic { Topic = topic, Partitions = [0] })],
    };

    private static IEnumerable<string> Shown(FetchResponse response)
    {
        response.ErrorCode.ShouldBe(ErrorCode.None);
        return response.Responses.Where(topic => topic.Partitions.Count > 0).Select(topic => topic.Topic);
    }

    private static Task<FetchResponse> FetchAsync(TestClient client, int id, int epoch, string[] topics, string[]? forget = null, long offset = 0)
        => client.CallAsync<FetchRequest, FetchResponse>(Request(id, epoch, topics, forget ?? [], offset), Version);

    private IEnumerable<string> Asked() => _asked[^1].Partitions.Select(partition => partition.Topic);

    private async Task<GatewayFixture> StartAsync(Action<KafkaGatewayOptions>? configure = null)
    {
        foreach (var topic in (string[])["a", "b", "c"])
        {
            _answers[topic] = Answer(highWatermark: 5);
        }

        var fixture = await GatewayFixture.StartAsync(configure);
        fixture.Grains.Broker.FetchAsync(Arg.Any<Abstractions.FetchRequest>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            var request = call.ArgAt<Abstractions.FetchRequest>(0);
            _asked.Add(request);
            return new Abstractions.FetchResponse([.. request.Partitions.Select(partition => _answers[partition.Topic])]);
        });
        return fixture;
    }
}
