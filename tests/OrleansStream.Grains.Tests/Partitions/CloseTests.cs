using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Partitions;

public sealed class CloseTests
{
    [Fact]
    public async Task CloseAsync_AnswersWhatWasAppended_AndRefusesTheRest()
    {
        var harness = new ReplicaHarness();
        var appended = harness.ProduceAsync(Batches.Of());
        await harness.SettleAsync();
        harness.Log.HasRoom = false;
        var waiting = harness.ProduceAsync(Batches.Of());
        await harness.SettleAsync();

        var close = harness.TurnAsync(async () =>
        {
            await harness.Replica.CloseAsync(delete: false, CancellationToken.None);
            return 0;
        });
        (await waiting).Error.ShouldBe(ErrorCode.NotLeaderOrFollower);
        close.IsCompleted.ShouldBeFalse("it waits for the flush");
        harness.Log.Flush();

        (await appended).Error.ShouldBe(ErrorCode.None);
        await close;
        harness.Log.IsClosed.ShouldBeTrue();
        harness.Log.IsDeleted.ShouldBeFalse();
    }

    [Fact]
    public async Task CloseAsync_DeletesWithoutWaiting_WhenTheReplicaIsDropped()
    {
        var harness = new ReplicaHarness();
        var appended = harness.ProduceAsync(Batches.Of());
        await harness.SettleAsync();

        await harness.TurnAsync(async () =>
        {
            await harness.Replica.CloseAsync(delete: true, CancellationToken.None);
            return 0;
        });

        (await appended).Error.ShouldBe(ErrorCode.NotLeaderOrFollower);
        harness.Log.IsDeleted.ShouldBeTrue();
    }
}
