using System.Globalization;
using Orleans;
using Orleans.Hosting;
using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Cluster.Tests.ZooKeeper;

/// <summary>A group coordinator that may have been replaced without having heard of it.</summary>
public sealed class CoordinatorOfficeTests(StandaloneServer server)
{
    private const string Topic = "orders";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Coordinator_ThatNobodyFollows_ShowsNoOffsets_UntilItIsFollowedAgain()
    {
        var gate = new FollowerGate();
        await using var ensemble = await BrokerEnsemble.StartAsync(
            server,
            3,
            (_, silo) => silo.AddIncomingGrainCallFilter(gate),
            declaresDead: false,
            ("offsets.topic.num.partitions", "1"),
            ("offsets.commit.timeout.ms", "300"));
        await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 1, replicas: 3, []);
        var location = (await ensemble.Cluster(1).FindCoordinatorAsync(["g"], Cancellation)).ShouldHaveSingleItem();
        location.Error.ShouldBe(ErrorCode.None, location.ErrorMessage);
        var coordinator = ensemble.Grains(1).GetGrain<IGroupCoordinatorGrain>(new GroupCoordinatorKey(location.Partition, location.BrokerId).ToString());
        await Poll.UntilAsync(async () => (await CommitAsync(coordinator, 7)).Error == ErrorCode.None, "a commit");
        (await FetchAsync(coordinator)).Topics.ShouldHaveSingleItem().Partitions.ShouldHaveSingleItem().Offset.ShouldBe(7);

        using (gate.Close(location.BrokerId))
        {
            await Poll.UntilAsync(async () => (await FetchAsync(coordinator)).Error == ErrorCode.CoordinatorNotAvailable, "the coordinator to doubt itself");
            (await FetchAsync(coordinator)).Topics.ShouldBeEmpty();
        }

        await Poll.UntilAsync(async () => (await FetchAsync(coordinator)).Error == ErrorCode.None, "the coordinator to be sure again");
        (await FetchAsync(coordinator)).Topics.ShouldHaveSingleItem().Partitions.ShouldHaveSingleItem().Offset.ShouldBe(7);
    }

    private static Task<OffsetCommitResponse> CommitAsync(IGroupCoordinatorGrain coordinator, long offset)
        => coordinator.CommitOffsetsAsync(
            new OffsetCommitRequest("g", -1, string.Empty, null, -1, [new OffsetCommitTopic(Topic, [new OffsetCommitPartition(0, offset, -1, null)])]), Cancellation);

    private static Task<OffsetFetchResponse> FetchAsync(IGroupCoordinatorGrain coordinator)
        => coordinator.FetchOffsetsAsync(new OffsetFetchRequest("g", null, -1, null, false), Cancellation);

    /// <summary>Holds the fetches of all followers of one broker while it is closed.</summary>
    private sealed class FollowerGate : IIncomingGrainCallFilter
    {
        private volatile Closed? _closed;

        public IDisposable Close(int brokerId) => _closed = new Closed(this, brokerId.ToString(CultureInfo.InvariantCulture));

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.Name == nameof(IBrokerGrain.FetchAsReplicaAsync)
                && _closed is { } closed
                && context.TargetId.Key.ToString() == closed.BrokerId)
            {
                await closed.WhenOpen;
            }

            await context.Invoke();
        }

        private sealed class Closed(FollowerGate gate, string brokerId) : IDisposable
        {
            private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public string BrokerId => brokerId;

            public Task WhenOpen => _open.Task;

            public void Dispose()
            {
                gate._closed = null;
                _open.SetResult();
            }
        }
    }
}
