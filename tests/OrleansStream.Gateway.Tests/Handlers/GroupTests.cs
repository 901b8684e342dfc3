using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;
using OrleansStream.Protocol.Partitioning;
using Kafka = OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Tests.Handlers;

public sealed class GroupTests
{
    private const int Partitions = 5;

    // Where "g" is coordinated.
    private static readonly string Key = $"{GroupPartition.Of("g", Partitions)}@1";

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(3, false, false)]
    [InlineData(4, true, false)]
    [InlineData(9, true, true)]
    public async Task JoinGroup_TellsTheCoordinatorWhatTheVersionCan(short version, bool requiresMemberId, bool skips)
    {
        await using var fixture = await StartAsync();
        Abstractions.JoinGroupRequest? asked = null;
        fixture.Grains.Coordinator(Key).JoinGroupAsync(Arg.Do<Abstractions.JoinGroupRequest>(request => asked = request), Arg.Any<CancellationToken>())
            .Returns(
                new Abstractions.JoinGroupResponse(ErrorCode.None, true, 0, null, null, "", false, "", []),
                new Abstractions.JoinGroupResponse(ErrorCode.None, false, 3, "consumer", "range", "m", false, "m", [new JoinedMember("m", null, new byte[] { 1 })]));

        var response = await CallAsync<Kafka.JoinGroupRequest, Kafka.JoinGroupResponse>(
            fixture, new Kafka.JoinGroupRequest { GroupId = "g", ProtocolType = "consumer", Protocols = [new() { Name = "range", Metadata = new byte[] { 1 } }] }, version);

        response.GenerationId.ShouldBe(3);
        response.Members.ShouldHaveSingleItem().Metadata.ToArray().ShouldBe([1]);
        asked.ShouldNotBeNull();
        asked.RequiresKnownMemberId.ShouldBe(requiresMemberId);
        asked.SupportsSkippingAssignment.ShouldBe(skips);
        asked.ClientHost.ShouldBe("/127.0.0.1");
        await fixture.Grains.Coordinator(Key).Received(2).JoinGroupAsync(Arg.Is<Abstractions.JoinGroupRequest>(request => request.RequestId == asked.RequestId), Arg.Any<CancellationToken>());
    }

    [Theory]
    [InlineData(6, "")]
    [InlineData(7, null)]
    public async Task JoinGroup_HasNoProtocolName_WhenItFails(short version, string? expected)
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Coordinator(Key).JoinGroupAsync(Arg.Any<Abstractions.JoinGroupRequest>(), Arg.Any<CancellationToken>())
            .Returns(new Abstractions.JoinGroupResponse(ErrorCode.MemberIdRequired, false, -1, null, null, "", false, "c-1", []));

        var response = await CallAsync<Kafka.JoinGroupRequest, Kafka.JoinGroupResponse>(fixture, new Kafka.JoinGroupRequest { GroupId = "g" }, version);

        response.ErrorCode.ShouldBe(ErrorCode.MemberIdRequired);
        response.MemberId.ShouldBe("c-1");
        response.ProtocolName.ShouldBe(expected);
    }

    [Fact]
    public async Task SyncGroup_SendsTheMemberBackToJoin_WhileTheCoordinatorLoads()
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Coordinator(Key).SyncGroupAsync(Arg.Any<Abstractions.SyncGroupRequest>(), Arg.Any<CancellationToken>())
            .Returns(new Abstractions.SyncGroupResponse(ErrorCode.CoordinatorLoadInProgress, false, null, null, default));

        var response = await CallAsync<Kafka.SyncGroupRequest, Kafka.SyncGroupResponse>(
            fixture, new Kafka.SyncGroupRequest { GroupId = "g", MemberId = "m", ProtocolType = "consumer", ProtocolName = "range" }, version: 5);

        response.ErrorCode.ShouldBe(ErrorCode.RebalanceInProgress);
    }

    [Fact]
    public async Task OffsetFetch_SendsTheClientToFindTheCoordinator_WhenItIsNotAvailable()
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Coordinator(Key).FetchOffsetsAsync(Arg.Any<Abstractions.OffsetFetchRequest>(), Arg.Any<CancellationToken>())
            .Returns(new Abstractions.OffsetFetchResponse(ErrorCode.CoordinatorNotAvailable, []));

        var response = await CallAsync<Kafka.OffsetFetchRequest, Kafka.OffsetFetchResponse>(
            fixture, new Kafka.OffsetFetchRequest { Groups = [new() { GroupId = "g" }] }, version: 8);

        response.Groups.ShouldHaveSingleItem().ErrorCode.ShouldBe(ErrorCode.NotCoordinator);
    }

    [Theory]
    [InlineData(8, ErrorCode.IllegalGeneration)]
    [InlineData(9, ErrorCode.GroupIdNotFound)]
    public async Task OffsetCommit_SpreadsTheError_AsTheVersionKnowsIt(short version, ErrorCode expected)
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Coordinator(Key).CommitOffsetsAsync(Arg.Any<Abstractions.OffsetCommitRequest>(), Arg.Any<CancellationToken>())
            .Returns(new Abstractions.OffsetCommitResponse(ErrorCode.GroupIdNotFound, []));

        var response = await CallAsync<Kafka.OffsetCommitRequest, Kafka.OffsetCommitResponse>(
            fixture,
            new Kafka.OffsetCommitRequest { GroupId = "g", Topics = [new() { Name = "a", Partitions = [new() { PartitionIndex = 1 }, new() { PartitionIndex = 2 }] }] },
            version);

        response.Topics.ShouldHaveSingleItem().Partitions.Select(partition => (partition.PartitionIndex, partition.ErrorCode))
            .ShouldBe([(1, expected), (2, expected)]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task OffsetFetch_PutsTheError_WhereTheVersionHasIt(short version)
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Coordinator(Key).FetchOffsetsAsync(Arg.Any<Abstractions.OffsetFetchRequest>(), Arg.Any<CancellationToken>())
            .Returns(new Abstractions.OffsetFetchResponse(ErrorCode.NotCoordinator, []));
        var request = new Kafka.OffsetFetchRequest
        {
            GroupId = "g",
            Topics = [new() { Name = "a", PartitionIndexes = [4] }],
            Groups = [new() { GroupId = "g", Topics = [new() { Name = "a", PartitionIndexes = [4] }] }],
        };

        var response = await CallAsync<Kafka.OffsetFetchRequest, Kafka.OffsetFetchResponse>(fixture, request, version);

        var error = version == 1 ? response.Topics.ShouldHaveSingleItem().Partitions.ShouldHaveSingleItem().ErrorCode
            : version < 8 ? response.ErrorCode
            : response.Groups.ShouldHaveSingleItem().ErrorCode;
        error.ShouldBe(ErrorCode.NotCoordinator);
    }

    [Fact]
    public async Task OffsetFetch_OfSeveralGroups_AsksTheCoordinatorOfEach()
    {
        await using var fixture = await StartAsync();
        foreach (var (group, offset) in new[] { ("g", 1L), ("h", 2L) })
        {
            fixture.Grains.Coordinator($"{GroupPartition.Of(group, Partitions)}@1")
                .FetchOffsetsAsync(Arg.Is<Abstractions.OffsetFetchRequest>(request => request.GroupId == group && request.Topics == null), Arg.Any<CancellationToken>())
                .Returns(new Abstractions.OffsetFetchResponse(ErrorCode.None, [new OffsetFetchTopic("t", [new FetchedOffset(0, ErrorCode.None, offset, 7, "note")])]));
        }

        var response = await CallAsync<Kafka.OffsetFetchRequest, Kafka.OffsetFetchResponse>(
            fixture, new Kafka.OffsetFetchRequest { Groups = [new() { GroupId = "g", Topics = null }, new() { GroupId = "h", Topics = null }] }, 8);

        response.Groups.Select(group => (group.GroupId, group.Topics[0].Partitions[0].CommittedOffset)).ShouldBe([("g", 1L), ("h", 2L)]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task LeaveGroup_OfOneMember_HasItsErrorWhereTheVersionHasIt(short version)
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Coordinator(Key).LeaveGroupAsync(Arg.Any<Abstractions.LeaveGroupRequest>(), Arg.Any<CancellationToken>())
            .Returns(new Abstractions.LeaveGroupResponse(ErrorCode.None, [ErrorCode.UnknownMemberId]));

        var response = await CallAsync<Kafka.LeaveGroupRequest, Kafka.LeaveGroupResponse>(
            fixture, new Kafka.LeaveGroupRequest { GroupId = "g", MemberId = "m", Members = [new() { MemberId = "m" }] }, version);

        (version < 3 ? response.ErrorCode : response.Members.ShouldHaveSingleItem().ErrorCode).ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Fact]
    public async Task ListGroups_AsksAllCoordinatorsOfTheBroker()
    {
        await using var fixture = await StartAsync();
        for (var i = 0; i < Partitions; i++)
        {
            fixture.Grains.Coordinator($"{i}@1").ListGroupsAsync(Arg.Any<Abstractions.ListGroupsRequest>(), Arg.Any<CancellationToken>())
                .Returns(i == 2
                    ? new Abstractions.ListGroupsResponse(ErrorCode.NotCoordinator, [])
                    : new Abstractions.ListGroupsResponse(ErrorCode.None, [new GroupListing($"g{i}", "consumer", "Stable", "classic")]));
        }

        var response = await CallAsync<Kafka.ListGroupsRequest, Kafka.ListGroupsResponse>(fixture, new Kafka.ListGroupsRequest(), 5);

        response.Groups.Select(group => group.GroupId).ShouldBe(["g0", "g1", "g3", "g4"], ignoreOrder: true);
    }

    [Fact]
    public async Task Heartbeat_IsAnsweredWithAnErrorToRetry_WhenTheCallFails()
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Coordinator(Key).HeartbeatAsync(Arg.Any<GroupHeartbeatRequest>(), Arg.Any<CancellationToken>())
            .Returns(Task.FromException<ErrorCode>(new TimeoutException("gone")));

        (await CallAsync<HeartbeatRequest, HeartbeatResponse>(fixture, new HeartbeatRequest { GroupId = "g" }, 4))
            .ErrorCode.ShouldBe(ErrorCode.CoordinatorNotAvailable);
    }

    [Fact]
    public async Task FindCoordinator_GivesTheBroker_InBothForms()
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Cluster.FindCoordinatorAsync(Arg.Any<string[]>(), Arg.Any<CancellationToken>())
            .Returns(call => Array.ConvertAll(call.ArgAt<string[]>(0), group => new CoordinatorLocation(group, ErrorCode.None, null, 3, 1, "kafka.example", 9092)));

        var one = await CallAsync<FindCoordinatorRequest, FindCoordinatorResponse>(fixture, new FindCoordinatorRequest { Key = "g" }, 3);
        var many = await CallAsync<FindCoordinatorRequest, FindCoordinatorResponse>(fixture, new FindCoordinatorRequest { CoordinatorKeys = ["g", "h"] }, 4);
        var transactional = await CallAsync<FindCoordinatorRequest, FindCoordinatorResponse>(fixture, new FindCoordinatorRequest { Key = "x", KeyType = 1 }, 3);

        (one.NodeId, one.Host, one.Port).ShouldBe((1, "kafka.example", 9092));
        many.Coordinators.Select(coordinator => (coordinator.Key, coordinator.NodeId)).ShouldBe([("g", 1), ("h", 1)]);
        transactional.ErrorCode.ShouldBe(ErrorCode.TransactionalIdAuthorizationFailed);
    }

    private static async Task<TResponse> CallAsync<TRequest, TResponse>(GatewayFixture fixture, TRequest request, short version)
        where TRequest : IKafkaRequest<TRequest>
        where TResponse : IKafkaResponse<TResponse>
    {
        using var client = await fixture.ConnectAsync();
        return await client.CallAsync<TRequest, TResponse>(request, version);
    }

    private static async Task<GatewayFixture> StartAsync()
    {
        var fixture = await GatewayFixture.StartAsync();
        fixture.Grains.Topics.Add(FakeGrains.Topic("__consumer_offsets", Partitions));
        return fixture;
    }
}
