using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Replication;
using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Replication;

/// <summary>What a leader gives a throttled follower.</summary>
public sealed class ThrottledFetchTests
{
    [Fact]
    public async Task FetchAsReplica_HoldsBack_WhoIsNotInSync_AndTellsOffsetsAllTheSame()
    {
        var harness = await LeaderAsync(isr: [1]);

        var (answer, isHeldBack) = await FetchAsync(harness, new ThrottledRoom(0, MinOneMessage: false));

        isHeldBack.ShouldBeTrue();
        (answer.Error, answer.Records.IsEmpty, answer.HighWatermark).ShouldBe((ErrorCode.None, true, 1L));
    }

    [Fact]
    public async Task FetchAsReplica_GivesRecords_WhenThereIsRoom()
    {
        var harness = await LeaderAsync(isr: [1]);

        var (answer, isHeldBack) = await FetchAsync(harness, new ThrottledRoom(1, MinOneMessage: true));

        isHeldBack.ShouldBeFalse();
        answer.Records.IsEmpty.ShouldBeFalse();
    }

    [Fact]
    public async Task FetchAsReplica_GivesRecords_WhenTheFollowerIsInSync()
    {
        var harness = await LeaderAsync(isr: [1, 2]);

        var (answer, isHeldBack) = await FetchAsync(harness, new ThrottledRoom(0, MinOneMessage: false));

        isHeldBack.ShouldBeFalse();
        answer.Records.IsEmpty.ShouldBeFalse();
    }

    private static async Task<ReplicaHarness> LeaderAsync(int[] isr)
    {
        var harness = new ReplicaHarness();
        var leads = harness.Replica.Replica.BecomeLeader(new PartitionLeadership(1, 1, 6, 1, [1, 2], isr), harness.Time.NowMs);
        leads.Error.ShouldBe(ErrorCode.None, leads.Message);
        (await harness.ProduceAsync(Batches.Of(valueSize: 100), acks: 0)).Error.ShouldBe(ErrorCode.None);
        harness.Log.Flush();
        await harness.SettleAsync();
        return harness;
    }

    private static Task<FollowerAnswer> FetchAsync(ReplicaHarness harness, ThrottledRoom throttled)
        => harness.TurnAsync(() => harness.Replica.FetchAsReplicaAsync(
            new ReplicaFetch(2, 0, 6, 0, -1, 0), new FollowerRoom(1 << 20, MinOneMessage: true, throttled, static length => new byte[length], HeardAt: null)));
}
