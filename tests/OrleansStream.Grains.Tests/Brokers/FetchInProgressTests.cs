using System.Collections.Immutable;
using OrleansStream.Abstractions;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Tests.Doubles;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Grains.Tests.Brokers;

public sealed class FetchInProgressTests
{
    [Fact]
    public void RequestFor_AllowsAnyFirstBatch_AndKeepsTheRestWithinTheLimits()
    {
        var fetch = Fetch(minBytes: 1, maxBytes: 100, partitionBytes: 80);

        fetch.RequestFor(0).ShouldNotBeNull().ShouldSatisfyAllConditions(
            request => request.MaxBytes.ShouldBe(80), request => request.MinOneMessage.ShouldBeTrue());
        fetch.Add(0, Answer(Stored(0, 1)));
        fetch.RequestFor(1).ShouldNotBeNull().ShouldSatisfyAllConditions(
            request => request.MaxBytes.ShouldBe(100 - Stored(0, 1).Length), request => request.MinOneMessage.ShouldBeFalse());
    }

    [Fact]
    public void RequestFor_StillAsksForOffsets_WhenTheAnswerIsFull()
    {
        var fetch = Fetch(minBytes: 1, maxBytes: 10, partitionBytes: 1000);
        fetch.Add(0, Answer(Stored(0, 1)));

        fetch.RequestFor(1)!.MaxBytes.ShouldBe(0);
        fetch.Add(1, Answer([]));
        fetch.RequestFor(1).ShouldBeNull("its offsets are known and there is no room");
    }

    [Fact]
    public void Add_GoesOnAfterTheLastBatch_AndJoinsThePieces()
    {
        var fetch = Fetch(minBytes: 1000, maxBytes: 10_000, partitionBytes: 10_000);
        var (first, second) = (Stored(0, 3), Stored(3, 2));

        fetch.Add(0, Answer(first));
        fetch.IsComplete.ShouldBeFalse();
        fetch.RequestFor(0)!.Offset.ShouldBe(3);
        fetch.Add(0, Answer(second) with { HighWatermark = 5 });
        fetch.Add(1, Answer([]));

        var answer = fetch.ToResponse().Partitions[0];
        answer.Records.ToArray().ShouldBe([.. first, .. second]);
        answer.HighWatermark.ShouldBe(5);
    }

    [Fact]
    public void Add_KeepsWhatWasRead_WhenAnErrorFollows()
    {
        var fetch = Fetch(minBytes: 1000, maxBytes: 10_000, partitionBytes: 10_000);
        fetch.Add(1, Answer([]));
        fetch.Add(0, Answer(Stored(0, 1)));

        fetch.Add(0, FetchInProgress.Refused(ErrorCode.NotLeaderOrFollower, "moved"));

        fetch.IsComplete.ShouldBeTrue("the next fetch meets the error");
        fetch.ToResponse().Partitions[0].ShouldSatisfyAllConditions(
            answer => answer.Error.ShouldBe(ErrorCode.None), answer => answer.Records.IsEmpty.ShouldBeFalse());
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void IsComplete_IsTrueWithoutRecords_OnlyWhenNoneAreAskedFor(int minBytes, bool expected)
    {
        var fetch = Fetch(minBytes, 100, 100);
        fetch.Add(0, Answer([]));

        fetch.IsComplete.ShouldBe(expected);
    }

    private static FetchInProgress Fetch(int minBytes, int maxBytes, int partitionBytes) => new(
        new FetchRequest(
            1000, minBytes, maxBytes, IsolationLevel.ReadUncommitted, [new("a", 0, 0, partitionBytes, -1), new("a", 1, 0, partitionBytes, -1)]),
        maxBytes,
        ImmutableDictionary<Guid, string>.Empty);

    private static PartitionReadResponse Answer(byte[] records) => new(ErrorCode.None, null, 3, 3, 0, 0, records);

    private static byte[] Stored(long baseOffset, int records)
    {
        var batch = Batches.Of(records);
        RecordBatch.SetBaseOffset(batch, baseOffset);
        return batch;
    }
}
