using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Tests.Handlers;

public sealed class MetadataTests
{
    private static readonly Guid Id = new("11111111-2222-3333-4444-555555555555");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(12)]
    public async Task AllTopics_AreShown(short version)
    {
        await using var fixture = await StartAsync();

        // Version 0 has no null: there an empty list means all.
        var response = await AskAsync(fixture, new MetadataRequest { Topics = version == 0 ? [] : null }, version);

        response.Topics.Select(topic => topic.Name).ShouldBe(["one", "two"]);
        response.Topics[1].Partitions.Count.ShouldBe(3);
        response.Topics[1].Partitions[2].LeaderId.ShouldBe(1);
        response.Brokers.ShouldHaveSingleItem().Host.ShouldBe("kafka.example");
        response.Brokers[0].Port.ShouldBe(9092);
        if (version >= 1)
        {
            response.ControllerId.ShouldBe(1);
            response.Brokers[0].Rack.ShouldBe("rack-a");
        }

        if (version >= 2)
        {
            response.ClusterId.ShouldBe("cluster-x");
        }

        if (version >= 7)
        {
            response.Topics[1].Partitions[2].LeaderEpoch.ShouldBe(4);
        }

        if (version >= 10)
        {
            response.Topics[1].TopicId.ShouldBe(Id);
        }
    }

    [Fact]
    public async Task AllTopics_AreShown_WhenLibrdkafkaAsksWithThreeBytesTooMany()
    {
        await using var fixture = await StartAsync();
        using var client = await fixture.ConnectAsync();

        // A null array as four bytes instead of one, then the two flags and no tagged fields.
        byte[] request = [0, 3, 0, 12, 0, 0, 0, 7, 0, 1, (byte)'x', 0, 0, 0, 0, 0, 1, 0, 0];
        await client.SendBytesAsync(TestClient.WithLength(request));

        (await client.ReceiveAsync<MetadataResponse>(7, 12)).Topics.Select(topic => topic.Name).ShouldBe(["one", "two"]);
    }

    [Theory]
    [InlineData(false, int.MinValue, int.MinValue)]
    [InlineData(true, 0b1101_1111_1000, 0b1_1111_1010_0000)]
    public async Task AuthorizedOperations_AreAll_WhenTheyAreAskedFor(bool asked, int topic, int cluster)
    {
        await using var fixture = await StartAsync();
        var request = new MetadataRequest { Topics = null, IncludeTopicAuthorizedOperations = asked, IncludeClusterAuthorizedOperations = asked };

        var response = await AskAsync(fixture, request, 8);

        response.Topics.ShouldAllBe(found => found.TopicAuthorizedOperations == topic);
        response.ClusterAuthorizedOperations.ShouldBe(cluster);
    }

    [Fact]
    public async Task NoTopics_AreShown_WhenAnEmptyListAsksForThem()
    {
        await using var fixture = await StartAsync();

        (await AskAsync(fixture, new MetadataRequest { Topics = [] }, 1)).Topics.ShouldBeEmpty();

        fixture.Grains.MetadataRequests.ShouldHaveSingleItem().Topics.ShouldNotBeNull().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(3, false, true)]
    [InlineData(4, false, false)]
    [InlineData(4, true, true)]
    [InlineData(12, false, false)]
    public async Task Creation_IsAskedFor_AsTheVersionSays(short version, bool allow, bool expected)
    {
        await using var fixture = await StartAsync();
        var request = new MetadataRequest { Topics = [new() { Name = "new" }, new() { Name = "new" }], AllowAutoTopicCreation = allow };

        var response = await AskAsync(fixture, request, version);

        var asked = fixture.Grains.MetadataRequests.ShouldHaveSingleItem();
        asked.Topics.ShouldBe(["new"]);
        asked.AllowAutoTopicCreation.ShouldBe(expected);
        response.Topics.ShouldHaveSingleItem().ErrorCode.ShouldBe(ErrorCode.UnknownTopicOrPartition);
    }

    [Theory]
    [InlineData(10, "")]
    [InlineData(12, null)]
    public async Task TopicId_FindsItsTopic_OrIsUnknown(short version, string? nameOfUnknown)
    {
        await using var fixture = await StartAsync();
        var other = Guid.NewGuid();
        var request = new MetadataRequest { Topics = [new() { Name = null, TopicId = Id }, new() { Name = null, TopicId = other }] };

        var response = await AskAsync(fixture, request, version);

        response.Topics.Count.ShouldBe(2);
        response.Topics[0].Name.ShouldBe("two");
        response.Topics[0].Partitions.Count.ShouldBe(3);
        response.Topics[1].ErrorCode.ShouldBe(ErrorCode.UnknownTopicId);
        response.Topics[1].TopicId.ShouldBe(other);
        response.Topics[1].Name.ShouldBe(nameOfUnknown);
    }

    [Fact]
    public async Task TopicId_IsWhatCounts_BesideAnEmptyName()
    {
        await using var fixture = await StartAsync();
        var request = new MetadataRequest { Topics = [new() { Name = "", TopicId = Id }], AllowAutoTopicCreation = false };

        var response = await AskAsync(fixture, request, 12);

        var topic = response.Topics.ShouldHaveSingleItem();
        topic.ErrorCode.ShouldBe(ErrorCode.None);
        topic.Name.ShouldBe("two");
        topic.TopicId.ShouldBe(Id);
    }

    private static async Task<GatewayFixture> StartAsync()
    {
        var fixture = await GatewayFixture.StartAsync();
        fixture.Grains.Topics.AddRange([FakeGrains.Topic("one", 1), FakeGrains.Topic("two", 3, Id)]);
        return fixture;
    }

    private static async Task<MetadataResponse> AskAsync(GatewayFixture fixture, MetadataRequest request, short version)
    {
        using var client = await fixture.ConnectAsync();
        return await client.CallAsync<MetadataRequest, MetadataResponse>(request, version);
    }
}
