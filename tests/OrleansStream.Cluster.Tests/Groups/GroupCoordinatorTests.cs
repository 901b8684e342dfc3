using Microsoft.Extensions.DependencyInjection;
using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;
using OrleansStream.Grains.Partitions;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Cluster.Tests.Groups;

public sealed class GroupCoordinatorTests
{
    private const string Topic = "orders";
    private const int CommitTimeoutMs = 200;

    private static readonly (string, string)[] Configs =
    [
        ("offsets.topic.num.partitions", "4"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("group.min.session.timeout.ms", "100"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindCoordinator_CreatesTheOffsetsTopic_WithTheReplicasThatThereCanBe()
    {
        await using var cluster = await BrokerCluster.StartAsync(Configs);

        var location = await FindAsync(cluster, "g");

        location.BrokerId.ShouldBe(BrokerCluster.BrokerId);
        var metadata = await cluster.Cluster.GetMetadataAsync(new MetadataRequest(["__consumer_offsets"], false), Token);
        var topic = metadata.Topics.ShouldHaveSingleItem();
        topic.IsInternal.ShouldBeTrue();
        topic.Partitions.Length.ShouldBe(4);
        topic.Partitions.ShouldAllBe(partition => partition.Replicas.Length == 1);
    }

    [Fact]
    public async Task TwoMembers_ShareAGeneration_AndTheFollowerGetsWhatTheLeaderAssigned()
    {
        await using var cluster = await BrokerCluster.StartAsync(Configs);
        var coordinator = await CoordinatorAsync(cluster, "g");

        // The first member alone, and then both.
        var first = await JoinAsync(coordinator, string.Empty);
        await SyncAsync(coordinator, first, [new MemberAssignment(first.MemberId, new byte[] { 9 })]);
        var secondJoin = JoinAsync(coordinator, string.Empty);
        await Poll.UntilAsync(async () => await HeartbeatAsync(coordinator, first) == ErrorCode.RebalanceInProgress, "the first member to be told to join again");
        var again = await JoinAsync(coordinator, first.MemberId);
        var second = await secondJoin;

        again.GenerationId.ShouldBe(first.GenerationId + 1);
        second.GenerationId.ShouldBe(again.GenerationId);
        second.Leader.ShouldBe(first.MemberId);
        again.Members.Select(member => member.MemberId).ShouldBe([first.MemberId, second.MemberId], ignoreOrder: true);
        var followerSync = SyncAsync(coordinator, second, []);
        await SyncAsync(coordinator, again, [new MemberAssignment(first.MemberId, new byte[] { 1 }), new MemberAssignment(second.MemberId, new byte[] { 2 })]);
        (await followerSync).Assignment.ToArray().ShouldBe([2]);
        (await coordinator.DescribeGroupsAsync(["g"], Token)).ShouldHaveSingleItem().State.ShouldBe("Stable");
    }

    [Fact]
    public async Task Offsets_AndMembers_AreThere_AfterARestart()
    {
        await using var cluster = await BrokerCluster.StartAsync(Configs);
        await cluster.CreateTopicAsync(Topic, 2);
        var coordinator = await CoordinatorAsync(cluster, "g");
        var member = await JoinAsync(coordinator, string.Empty, sessionTimeoutMs: 60_000);
        await SyncAsync(coordinator, member, [new MemberAssignment(member.MemberId, new byte[] { 5 })]);
        var committed = await coordinator.CommitOffsetsAsync(Commit(member, (0, 10), (1, 20)), Token);
        committed.PartitionErrors.ShouldHaveSingleItem().ShouldBe([ErrorCode.None, ErrorCode.None]);

        await cluster.StopAsync();
        await cluster.StartAgainAsync();
        coordinator = await CoordinatorAsync(cluster, "g");

        var offsets = await coordinator.FetchOffsetsAsync(new OffsetFetchRequest("g", null, -1, null, false), Token);
        offsets.Topics.ShouldHaveSingleItem().Partitions.Select(partition => (partition.Partition, partition.Offset)).ShouldBe([(0, 10), (1, 20)]);
        (await HeartbeatAsync(coordinator, member)).ShouldBe(ErrorCode.None);
        (await coordinator.ListGroupsAsync(new ListGroupsRequest([], []), Token)).Groups.ShouldHaveSingleItem().State.ShouldBe("Stable");
    }

    [Fact]
    public async Task ManyCommits_AtATime_AreAppendedTogether()
    {
        await using var cluster = await BrokerCluster.StartAsync(Configs);
        await cluster.CreateTopicAsync(Topic, 1);
        var coordinator = await CoordinatorAsync(cluster, "g");
        var location = await FindAsync(cluster, "g");

        var responses = await Task.WhenAll(Enumerable.Range(1, 500).Select(offset => coordinator.CommitOffsetsAsync(
            new OffsetCommitRequest("g", -1, string.Empty, null, -1, [new OffsetCommitTopic(Topic, [new OffsetCommitPartition(0, offset, -1, null)])]), Token)));

        responses.ShouldAllBe(response => response.Error == ErrorCode.None && response.PartitionErrors[0][0] == ErrorCode.None);
        var described = await cluster.Partition("__consumer_offsets", location.Partition).DescribeAsync(Token);
        described.LogEndOffset.ShouldBe(500);
        var read = await cluster.Partition("__consumer_offsets", location.Partition).ReadAsync(
            new PartitionReadRequest(0, 1_000_000, -1, IsolationLevel.ReadUncommitted, true), Token);
        var batches = 0;
        foreach (var batch in RecordBatch.Enumerate(read.Records))
        {
            batches += batch.Memory.IsEmpty ? 0 : 1;
        }

        batches.ShouldBeLessThan(250);
    }

    [Fact]
    public async Task Commit_OfAnUnknownTopic_IsRefused_AndOthersAreStored()
    {
        await using var cluster = await BrokerCluster.StartAsync(Configs);
        await cluster.CreateTopicAsync(Topic, 1);
        var coordinator = await CoordinatorAsync(cluster, "g");

        var response = await coordinator.CommitOffsetsAsync(
            new OffsetCommitRequest("g", -1, string.Empty, null, -1,
            [
                new OffsetCommitTopic("missing", [new OffsetCommitPartition(0, 1, -1, null)]),
                new OffsetCommitTopic(Topic, [new OffsetCommitPartition(0, 2, -1, null)]),
            ]),
            Token);

        response.PartitionErrors.Select(errors => errors[0]).ShouldBe([ErrorCode.UnknownTopicOrPartition, ErrorCode.None]);
    }

    [Fact]
    public async Task OtherBrokersCoordinator_IsNotHere()
    {
        await using var cluster = await BrokerCluster.StartAsync(Configs);
        await CoordinatorAsync(cluster, "g");

        // There are 4 partitions, so nobody leads this one.
        var coordinator = cluster.Client.GetGrain<IGroupCoordinatorGrain>(new GroupCoordinatorKey(17, BrokerCluster.BrokerId).ToString());

        (await coordinator.HeartbeatAsync(new GroupHeartbeatRequest("g", 1, "m", null), Token)).ShouldBe(ErrorCode.NotCoordinator);
        (await coordinator.CommitOffsetsAsync(new OffsetCommitRequest("g", -1, string.Empty, null, -1, []), Token)).Error.ShouldBe(ErrorCode.NotCoordinator);
    }

    [Fact]
    public async Task DeletedTopic_LeavesNoOffsets()
    {
        await using var cluster = await BrokerCluster.StartAsync(Configs);
        await cluster.CreateTopicAsync(Topic, 1);
        var coordinator = await CoordinatorAsync(cluster, "g");
        await coordinator.CommitOffsetsAsync(Commit(null, (0, 3)), Token);

        await cluster.Cluster.DeleteTopicsAsync([Topic], BrokerCluster.TimeoutMs, Token);

        await Poll.UntilAsync(
            async () => (await coordinator.FetchOffsetsAsync(new OffsetFetchRequest("g", null, -1, null, false), Token)).Topics.Length == 0,
            "the offsets of the deleted topic to go");
    }

    [Fact]
    public async Task DeletedGroup_MayHaveMoreOffsets_ThanGoIntoABatch()
    {
        const int Offsets = 50_000;
        const int OffsetsPerCommit = 10_000;
        await using var cluster = await BrokerCluster.StartAsync(Configs);
        await cluster.CreateTopicAsync(Topic, 1);
        var coordinator = await CoordinatorAsync(cluster, "g");
        for (var first = 0; first < Offsets; first += OffsetsPerCommit)
        {
            var commit = Commit(null, [.. Enumerable.Range(first, OffsetsPerCommit).Select(partition => (partition, 1L))]);
            (await coordinator.CommitOffsetsAsync(commit, Token)).Error.ShouldBe(ErrorCode.None);
        }

        (await coordinator.DeleteGroupsAsync(["g"], Token)).ShouldBe([ErrorCode.None]);

        (await coordinator.FetchOffsetsAsync(new OffsetFetchRequest("g", null, -1, null, false), Token)).Topics.ShouldBeEmpty();
        (await coordinator.DescribeGroupsAsync(["g"], Token)).ShouldHaveSingleItem().State.ShouldBe("Dead");
    }

    [Fact]
    public async Task CommitThatWasAppended_ButNotAcknowledged_IsNotShown_BeforeItIsCommitted()
    {
        var disks = new FailingLogFactory();
        await using var cluster = await StartAsync(disks);
        var location = await FindAsync(cluster, "g");
        var coordinator = Coordinator(cluster, location);
        var joined = await JoinAsync(coordinator, string.Empty);
        await SyncAsync(coordinator, joined, []);
        await CommitAsync(coordinator, joined, 7);

        using (disks.HoldFlushes(new TopicPartition("__consumer_offsets", location.Partition)))
        {
            (await coordinator.CommitOffsetsAsync(Commit(joined, (0, 8)), Token)).Error.ShouldBe(ErrorCode.CoordinatorNotAvailable);

            var shown = await FetchAsync(coordinator);
            shown.Error.ShouldBe(ErrorCode.CoordinatorNotAvailable);
            shown.Topics.ShouldBeEmpty();
            (await HeartbeatAsync(coordinator, joined)).ShouldBe(ErrorCode.None);
        }

        // The log has it, and now it counts.
        (await FetchAsync(coordinator)).Topics.ShouldHaveSingleItem().Partitions.ShouldHaveSingleItem().Offset.ShouldBe(8);
        await CommitAsync(coordinator, joined, 9);
    }

    [Fact]
    public async Task CommitThatWasNotAppended_IsForgotten()
    {
        var disks = new FailingLogFactory();
        await using var cluster = await StartAsync(disks);
        var location = await FindAsync(cluster, "g");
        var coordinator = Coordinator(cluster, location);
        await CommitAsync(coordinator, null, 7);

        Task<OffsetCommitResponse> commit;
        using (disks.HoldRoom(new TopicPartition("__consumer_offsets", location.Partition)))
        {
            var began = TimeProvider.System.GetTimestamp();
            commit = coordinator.CommitOffsetsAsync(Commit(null, (0, 8)), Token);
            await Poll.UntilAsync(
                async () =>
                {
                    await cluster.Partition("__consumer_offsets", location.Partition).DescribeAsync(Token);
                    return TimeProvider.System.GetElapsedTime(began).TotalMilliseconds > 2 * CommitTimeoutMs;
                },
                "the time of the commit to be over");
        }

        (await commit).Error.ShouldBe(ErrorCode.CoordinatorNotAvailable);
        await Poll.UntilAsync(async () => (await FetchAsync(coordinator)).Error == ErrorCode.None, "the coordinator to be loaded again");
        (await FetchAsync(coordinator)).Topics.ShouldHaveSingleItem().Partitions.ShouldHaveSingleItem().Offset.ShouldBe(7);
    }

    [Fact]
    public async Task ConsumerProtocol_AssignsByItself_AndMovesPartitionsOneMemberAtATime()
    {
        await using var cluster = await BrokerCluster.StartAsync(Configs);
        await cluster.CreateTopicAsync(Topic, 4);
        var coordinator = await CoordinatorAsync(cluster, "g");

        var first = await BeatAsync(coordinator, "a", 0, []);
        first.Assignment.ShouldNotBeNull().ShouldHaveSingleItem().Partitions.ShouldBe([0, 1, 2, 3]);
        var second = await BeatAsync(coordinator, "b", 0, []);
        second.Assignment.ShouldNotBeNull().ShouldBeEmpty();

        // The first gives up, says so, and only then the second gets.
        var topicId = first.Assignment[0].TopicId;
        var revoking = await BeatAsync(coordinator, "a", first.MemberEpoch, [new TopicIdPartitions(topicId, "", [0, 1, 2, 3])]);
        var kept = revoking.Assignment.ShouldNotBeNull().ShouldHaveSingleItem().Partitions;
        kept.Length.ShouldBe(2);
        (await BeatAsync(coordinator, "b", second.MemberEpoch, [])).Assignment.ShouldBeNull();
        await BeatAsync(coordinator, "a", revoking.MemberEpoch, [new TopicIdPartitions(topicId, "", kept)]);
        var got = await BeatAsync(coordinator, "b", second.MemberEpoch, []);

        got.Assignment.ShouldNotBeNull().ShouldHaveSingleItem().Partitions.Concat(kept).Order().ShouldBe([0, 1, 2, 3]);
        (await coordinator.DescribeConsumerGroupsAsync(["g"], Token)).ShouldHaveSingleItem().State.ShouldBe("Stable");
    }

    private static async Task<BrokerCluster> StartAsync(FailingLogFactory disks)
    {
        var cluster = await BrokerCluster.StartAsync(
            silo => silo.Services.AddSingleton<IPartitionLogFactory>(provider => disks.Over(provider)),
            [.. Configs, ("offsets.commit.timeout.ms", $"{CommitTimeoutMs}")]);
        await cluster.CreateTopicAsync(Topic);
        return cluster;
    }

    private static async Task<CoordinatorLocation> FindAsync(BrokerCluster cluster, string group)
    {
        var location = (await cluster.Cluster.FindCoordinatorAsync([group], Token)).ShouldHaveSingleItem();
        location.Error.ShouldBe(ErrorCode.None, location.ErrorMessage);
        return location;
    }

    private static async Task<IGroupCoordinatorGrain> CoordinatorAsync(BrokerCluster cluster, string group)
    {
        var location = await FindAsync(cluster, group);
        return Coordinator(cluster, location);
    }

    private static IGroupCoordinatorGrain Coordinator(BrokerCluster cluster, CoordinatorLocation location)
        => cluster.Client.GetGrain<IGroupCoordinatorGrain>(new GroupCoordinatorKey(location.Partition, location.BrokerId).ToString());

    private static async Task<JoinGroupResponse> JoinAsync(IGroupCoordinatorGrain coordinator, string memberId, int sessionTimeoutMs = 30_000)
    {
        while (true)
        {
            var response = await coordinator.JoinGroupToEndAsync(
                new JoinGroupRequest(
                    Guid.NewGuid(), "g", memberId, null, "client", "/host", sessionTimeoutMs, 30_000, "consumer", [new GroupProtocol("range", new byte[] { 0, 0, 0, 0, 0, 0 })], true, true, null),
                Token);
            if (response.Error != ErrorCode.MemberIdRequired)
            {
                response.Error.ShouldBe(ErrorCode.None);
                return response;
            }

            memberId = response.MemberId;
        }
    }

    private static async Task<SyncGroupResponse> SyncAsync(IGroupCoordinatorGrain coordinator, JoinGroupResponse joined, MemberAssignment[] assignments)
    {
        var response = await coordinator.SyncGroupToEndAsync(
            new SyncGroupRequest(Guid.NewGuid(), "g", joined.GenerationId, joined.MemberId, null, "consumer", "range", assignments), Token);
        response.Error.ShouldBe(ErrorCode.None);
        return response;
    }

    private static Task<ErrorCode> HeartbeatAsync(IGroupCoordinatorGrain coordinator, JoinGroupResponse member)
        => coordinator.HeartbeatAsync(new GroupHeartbeatRequest("g", member.GenerationId, member.MemberId, null), Token);

    private static async Task<ConsumerGroupHeartbeatResponse> BeatAsync(IGroupCoordinatorGrain coordinator, string memberId, int epoch, TopicIdPartitions[] owned)
    {
        var response = await coordinator.ConsumerGroupHeartbeatAsync(
            new ConsumerGroupHeartbeatRequest(
                "g", memberId, epoch, null, null, epoch == 0 ? 30_000 : -1, epoch == 0 ? [Topic] : null, null, null, owned, "client", "/host"),
            Token);
        response.Error.ShouldBe(ErrorCode.None, response.ErrorMessage);
        return response;
    }

    private static async Task CommitAsync(IGroupCoordinatorGrain coordinator, JoinGroupResponse? member, long offset)
        => (await coordinator.CommitOffsetsAsync(Commit(member, (0, offset)), Token)).PartitionErrors.ShouldHaveSingleItem().ShouldBe([ErrorCode.None]);

    private static Task<OffsetFetchResponse> FetchAsync(IGroupCoordinatorGrain coordinator)
        => coordinator.FetchOffsetsAsync(new OffsetFetchRequest("g", null, -1, null, false), Token);

    private static OffsetCommitRequest Commit(JoinGroupResponse? member, params (int Partition, long Offset)[] offsets) => new(
        "g",
        member?.GenerationId ?? -1,
        member?.MemberId ?? string.Empty,
        null,
        -1,
        [new OffsetCommitTopic(Topic, [.. offsets.Select(offset => new OffsetCommitPartition(offset.Partition, offset.Offset, -1, "note"))])]);
}
