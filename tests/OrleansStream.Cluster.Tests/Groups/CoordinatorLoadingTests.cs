using System.Collections.Concurrent;
using Orleans;
using Orleans.Hosting;
using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;

namespace OrleansStream.Cluster.Tests.Groups;

/// <summary>Coordinators are loaded when their broker begins to lead, not when somebody asks.</summary>
public sealed class CoordinatorLoadingTests
{
    private const string OffsetsTopic = "__consumer_offsets";
    private const string Group = "g";

    private static readonly (string, string)[] Configs =
    [
        ("offsets.topic.num.partitions", "4"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("group.min.session.timeout.ms", "100"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Member_ThatDiedWithTheBroker_IsMissed_ThoughNobodyAsks()
    {
        await using var cluster = await BrokerCluster.StartAsync(Configs);
        var location = await FindAsync(cluster, Group);
        var joined = await JoinAsync(Coordinator(cluster, location), sessionTimeoutMs: 1_000);
        joined.Error.ShouldBe(ErrorCode.None);
        await Coordinator(cluster, location).SyncGroupToEndAsync(
            new SyncGroupRequest(Guid.NewGuid(), Group, joined.GenerationId, joined.MemberId, null, "consumer", "range", [new MemberAssignment(joined.MemberId, new byte[] { 5 })]),
            Token);
        await cluster.StopAsync();

        await cluster.StartAgainAsync();

        // The log is asked, not the coordinator: it gets the record of an empty group.
        var partition = cluster.Partition(OffsetsTopic, location.Partition);
        var end = (await partition.DescribeAsync(Token)).LogEndOffset;
        await Poll.UntilAsync(async () => (await partition.DescribeAsync(Token)).LogEndOffset > end, "the coordinator to store that the member is gone");
        (await Coordinator(cluster, location).DescribeGroupsAsync([Group], Token)).ShouldHaveSingleItem().State.ShouldBe("Empty");
    }

    [Fact]
    public async Task Requests_AreToldThatTheCoordinatorLoads_AndOtherPartitionsAnswer()
    {
        var gate = new ReadGate();
        await using var cluster = await BrokerCluster.StartAsync(
            silo => silo.AddIncomingGrainCallFilter(gate),
            Configs);
        var held = await FindAsync(cluster, Group);
        await cluster.CreateTopicAsync("orders");
        await CommitAsync(Coordinator(cluster, held), Group, 7);
        var other = await FindElsewhereAsync(cluster, held.Partition);
        await CommitAsync(Coordinator(cluster, other), other.Key, 8);
        await cluster.StopAsync();
        gate.Hold($"{OffsetsTopic}/{held.Partition}@{BrokerCluster.BrokerId}");

        await cluster.StartAgainAsync();

        await gate.WhenHeld.WaitAsync(TimeSpan.FromSeconds(20), Token);
        (await FetchAsync(cluster, held)).Error.ShouldBe(ErrorCode.CoordinatorLoadInProgress);
        (await JoinAsync(Coordinator(cluster, held), 10_000)).Error.ShouldBe(ErrorCode.CoordinatorLoadInProgress);
        (await Coordinator(cluster, held).ListGroupsAsync(new ListGroupsRequest([], []), Token)).Error.ShouldBe(ErrorCode.CoordinatorLoadInProgress);
        (await FetchAsync(cluster, other)).Topics.ShouldHaveSingleItem().Partitions.ShouldHaveSingleItem().Offset.ShouldBe(8);

        // Whether its session is alive cannot be known now, so the member is not sent away.
        (await Coordinator(cluster, held).HeartbeatAsync(new GroupHeartbeatRequest(Group, 1, "m", null), Token)).ShouldBe(ErrorCode.None);

        gate.Open();
        await Poll.UntilAsync(async () => (await FetchAsync(cluster, held)).Error == ErrorCode.None, "the coordinator to be loaded");
        (await FetchAsync(cluster, held)).Topics.ShouldHaveSingleItem().Partitions.ShouldHaveSingleItem().Offset.ShouldBe(7);
    }

    private static IGroupCoordinatorGrain Coordinator(BrokerCluster cluster, CoordinatorLocation location)
        => cluster.Client.GetGrain<IGroupCoordinatorGrain>(new GroupCoordinatorKey(location.Partition, location.BrokerId).ToString());

    private static async Task<CoordinatorLocation> FindAsync(BrokerCluster cluster, string group)
        => (await cluster.Cluster.FindCoordinatorAsync([group], Token)).ShouldHaveSingleItem();

    private static async Task<CoordinatorLocation> FindElsewhereAsync(BrokerCluster cluster, int partition)
    {
        var found = await cluster.Cluster.FindCoordinatorAsync([.. Enumerable.Range(0, 50).Select(number => $"other-{number}")], Token);
        return found.First(location => location.Partition != partition);
    }

    private static Task<JoinGroupResponse> JoinAsync(IGroupCoordinatorGrain coordinator, int sessionTimeoutMs)
        => coordinator.JoinGroupToEndAsync(
            new JoinGroupRequest(
                Guid.NewGuid(), Group, string.Empty, null, "client", "/host", sessionTimeoutMs, 30_000, "consumer", [new GroupProtocol("range", new byte[6])], false, true, null),
            Token);

    private static async Task CommitAsync(IGroupCoordinatorGrain coordinator, string group, long offset)
        => (await coordinator.CommitOffsetsAsync(
            new OffsetCommitRequest(group, -1, string.Empty, null, -1, [new OffsetCommitTopic("orders", [new OffsetCommitPartition(0, offset, -1, null)])]), Token))
            .PartitionErrors.ShouldHaveSingleItem().ShouldBe([ErrorCode.None]);

    private static Task<OffsetFetchResponse> FetchAsync(BrokerCluster cluster, CoordinatorLocation location)
        => Coordinator(cluster, location).FetchOffsetsAsync(new OffsetFetchRequest(location.Key, null, -1, null, false), Token);

    /// <summary>Holds the reads of one partition.</summary>
    private sealed class ReadGate : IIncomingGrainCallFilter
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentBag<string> _keys = [];

        public Task WhenHeld => _held.Task;

        public void Hold(string partitionKey) => _keys.Add(partitionKey);

        public void Open() => _open.TrySetResult();

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.Name == nameof(IPartitionGrain.ReadAsync)
                && context.TargetId.Key.ToString() is { } key
                && _keys.Contains(key))
            {
                _held.TrySetResult();
                await _open.Task;
            }

            await context.Invoke();
        }
    }
}
