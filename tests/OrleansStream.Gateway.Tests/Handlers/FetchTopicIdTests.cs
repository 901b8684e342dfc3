using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Gateway.Tests.Doubles;
using FetchRequest = OrleansStream.Protocol.Kafka.FetchRequest;
using FetchResponse = OrleansStream.Protocol.Kafka.FetchResponse;

namespace OrleansStream.Gateway.Tests.Handlers;

/// <summary>Fetch from version 13 on, which names topics by their ids (KIP-516).</summary>
public sealed class FetchTopicIdTests
{
    private static readonly Guid Known = Guid.Parse("5f5b2f0e-6f3f-4cf6-9a36-3c34e5ad55a1");
    private static readonly Guid Unknown = Guid.Parse("11111111-2222-3333-4444-555555555555");

    private readonly List<FetchPartition> _asked = [];

    public static TheoryData<short> Versions => [13, 14, 15, 16, 17];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Fetch_AsksAndAnswersById(short version)
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();

        var response = await FetchAsync(client, version, 0, -1, [Known, Unknown]);

        _asked.Select(partition => (partition.Topic, partition.TopicId)).ShouldBe([(string.Empty, Known), (string.Empty, Unknown)]);
        response.Responses.Select(topic => (topic.TopicId, topic.Partitions[0].ErrorCode)).ShouldBe(
            [(Known, ErrorCode.None), (Unknown, ErrorCode.UnknownTopicId)]);
    }

    [Fact]
    public async Task Session_GoesOnById_AndForgetsById()
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();
        var id = (await FetchAsync(client, 17, 0, 0, [Known, Unknown])).SessionId;

        // An error is told each time, what is well is no news.
        (await FetchAsync(client, 17, id, 1, [])).Responses.ShouldHaveSingleItem().TopicId.ShouldBe(Unknown);
        (await FetchAsync(client, 17, id, 2, [], forget: Unknown)).Responses.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(17, 12)]
    [InlineData(12, 17)]
    public async Task Session_IsRefused_WhenItGoesOverFromNamesToIdsOrBack(short before, short after)
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();
        var id = (await FetchAsync(client, before, 0, 0, [Known])).SessionId;

        (await FetchAsync(client, after, id, 1, [])).ErrorCode.ShouldBe(ErrorCode.FetchSessionTopicIdError);
    }

    private static Task<FetchResponse> FetchAsync(TestClient client, short version, int session, int epoch, Guid[] topics, Guid? forget = null)
        => client.CallAsync<FetchRequest, FetchResponse>(
            new FetchRequest
            {
                SessionId = session,
                SessionEpoch = epoch,
                MaxBytes = 1000,
                Topics = [.. topics.Select(topic => new FetchRequest.FetchTopic
                {
                    Topic = version < 13 ? topic.ToString() : string.Empty,
                    TopicId = version < 13 ? Guid.Empty : topic,
                    Partitions = [new() { PartitionMaxBytes = 100 }],
                })],
                ForgottenTopicsData = forget is { } gone ? [new() { TopicId = gone, Partitions = [0] }] : [],
            },
            version);

    private async Task<GatewayFixture> StartAsync()
    {
        var fixture = await GatewayFixture.StartAsync(null);
        fixture.Grains.Broker.FetchAsync(Arg.Any<Abstractions.FetchRequest>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            var request = call.ArgAt<Abstractions.FetchRequest>(0);
            _asked.Clear();
            _asked.AddRange(request.Partitions);
            return new Abstractions.FetchResponse([.. request.Partitions.Select(partition => new PartitionReadResponse(
                partition.TopicId == Unknown ? ErrorCode.UnknownTopicId : ErrorCode.None, null, 5, 5, 0, 4, default))]);
        });
        return fixture;
    }
}
