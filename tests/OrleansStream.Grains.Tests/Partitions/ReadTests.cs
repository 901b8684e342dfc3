using OrleansStream.Abstractions;
using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Partitions;

public sealed class ReadTests
{
    [Fact]
    public async Task ReadAsync_ReturnsOnlyWhatIsDurable()
    {
        var harness = new ReplicaHarness();
        _ = harness.ProduceAsync(Batches.Of(2));
        await harness.SettleAsync();
        (await harness.ReadAsync(0)).Records.IsEmpty.ShouldBeTrue();

        harness.Log.Flush();
        await harness.SettleAsync();

        var answer = await harness.ReadAsync(1);
        answer.Records.Length.ShouldBe(harness.Log.BytesOf(0).Length, "the batch that holds the offset comes whole");
        answer.HighWatermark.ShouldBe(2);
        (await harness.ReadAsync(2)).Records.IsEmpty.ShouldBeTrue("the end of the log is no error");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public async Task ReadAsync_RefusesOffsetOutOfRange_WithTheValidRange(long offset)
    {
        var harness = new ReplicaHarness();
        _ = harness.ProduceAsync(Batches.Of(2));
        await harness.SettleAsync();

        var answer = await harness.ReadAsync(offset);

        answer.Error.ShouldBe(ErrorCode.OffsetOutOfRange);
        answer.ErrorMessage.ShouldBe($"Offset {offset} of orders-0 is out of range: the partition holds 0 to 2.");
    }

    [Theory]
    [InlineData(ListOffsetTimestamps.Earliest, 0)]
    [InlineData(ListOffsetTimestamps.Latest, 3)]
    [InlineData(ListOffsetTimestamps.MaxTimestamp, 1)]
    [InlineData(1500, 0)]
    [InlineData(2500, -1)]
    public async Task ListOffsetAsync_FindsOffsets_BelowTheHighWatermark(long timestamp, long expected)
    {
        var harness = new ReplicaHarness();
        foreach (var batchTime in new long[] { 1000, 2000, 1500 })
        {
            _ = harness.ProduceAsync(Batches.Of(1, batchTime));
        }

        await harness.SettleAsync();
        harness.Log.Flush();
        _ = harness.ProduceAsync(Batches.Of(1, 1800));
        await harness.SettleAsync();

        var answer = await harness.TurnAsync(
            () => harness.Replica.ListOffsetAsync(new(timestamp, -1, IsolationLevel.ReadUncommitted), CancellationToken.None));

        answer.Error.ShouldBe(ErrorCode.None);
        answer.Offset.ShouldBe(timestamp == 1500 ? 1 : expected);
    }

    [Fact]
    public async Task ListOffsetAsync_FindsTheFirstRecordOfTheMaxTimestamp_NotItsBatchsLast()
    {
        var harness = new ReplicaHarness();
        _ = harness.ProduceAsync(Batches.Of(3, 2000));
        await harness.SettleAsync();
        harness.Log.Flush();

        var answer = await harness.TurnAsync(() => harness.Replica.ListOffsetAsync(
            new(ListOffsetTimestamps.MaxTimestamp, -1, IsolationLevel.ReadUncommitted), CancellationToken.None));

        answer.Offset.ShouldBe(0);
    }

    [Theory]
    [InlineData(5, 5, 2)]
    [InlineData(4, -1, -1)]
    [InlineData(6, -1, -1)]
    public async Task OffsetForLeaderEpoch_TellsWhereAnEpochEnds(int asked, int epoch, long endOffset)
    {
        var harness = new ReplicaHarness();
        _ = harness.ProduceAsync(Batches.Of(2));
        await harness.SettleAsync();

        harness.Replica.OffsetForLeaderEpoch(new(asked, 5)).ShouldBe(new(ErrorCode.None, epoch, endOffset));
        harness.Replica.OffsetForLeaderEpoch(new(asked, 4)).Error.ShouldBe(ErrorCode.FencedLeaderEpoch);
    }

    [Fact]
    public async Task DeleteRecordsAsync_MovesTheStart()
    {
        var harness = new ReplicaHarness();
        _ = harness.ProduceAsync(Batches.Of(2));
        await harness.SettleAsync();
        harness.Log.Flush();
        await harness.SettleAsync();

        (await harness.TurnAsync(() => harness.Replica.DeleteRecordsAsync(-1, CancellationToken.None)))
            .ShouldBe(new(ErrorCode.None, 2));

        (await harness.ReadAsync(0)).Error.ShouldBe(ErrorCode.OffsetOutOfRange);
        (await harness.TurnAsync(() => harness.Replica.DeleteRecordsAsync(3, CancellationToken.None))).Error.ShouldBe(ErrorCode.OffsetOutOfRange);
    }

    [Fact]
    public async Task MaintainAsync_DropsExpiredRecords_WhenTheIntervalHasPassed()
    {
        var harness = new ReplicaHarness(("retention.ms", "1000"));
        harness.Replica.SetConfig(harness.Replica.Settings);
        _ = harness.ProduceAsync(Batches.Of(2, harness.Time.NowMs));
        await harness.SettleAsync();
        harness.Log.Flush();
        await harness.SettleAsync();

        harness.Time.Advance(TimeSpan.FromMinutes(4));
        await MaintainAsync(harness);
        harness.Replica.Replica.LogStartOffset.ShouldBe(0, "log.retention.check.interval.ms is 5 minutes");
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        await MaintainAsync(harness);

        harness.Replica.Replica.LogStartOffset.ShouldBe(2);
    }

    private static Task<int> MaintainAsync(ReplicaHarness harness) => harness.TurnAsync(async () =>
    {
        await harness.Replica.MaintainAsync(harness.Broker, CancellationToken.None);
        return 0;
    });
}
