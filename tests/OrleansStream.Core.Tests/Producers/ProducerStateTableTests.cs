using OrleansStream.Core.Producers;

namespace OrleansStream.Core.Tests.Producers;

public sealed class ProducerStateTableTests
{
    private const long Now = 1_700_000_000_000;
    private const long Day = 86_400_000;

    private readonly ProducerStateTable _table = new(new TopicPartition("orders", 3));

    [Fact]
    public void Check_Appends_WhenProducerHasNoId()
    {
        Append(Batch(-1, -1, -1, 3));

        _table.Check(Batch(-1, -1, -1, 3)).Kind.ShouldBe(ProducerVerdictKind.Append);
        _table.Count.ShouldBe(0);
        _table.EndOffset.ShouldBe(3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public void Check_AppendsAnySequence_WhenProducerHasNoState(int sequence)
        => _table.Check(Batch(7, 2, sequence, 1)).Kind.ShouldBe(ProducerVerdictKind.Append);

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    public void Check_RefusesInvalidRecord_WhenSequenceOrEpochIsMissing(int sequence, short epoch)
        => _table.Check(Batch(7, epoch, sequence, 1)).Error.ShouldBe(ErrorCode.InvalidRecord);

    [Fact]
    public void Check_Appends_WhenSequenceContinues()
    {
        Append(Batch(7, 0, 0, 10));

        _table.Check(Batch(7, 0, 10, 5)).Kind.ShouldBe(ProducerVerdictKind.Append);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(0)]
    public void Check_RefusesOutOfOrder_WhenSequenceDoesNotContinue(int sequence)
    {
        Append(Batch(7, 0, 0, 10));

        var verdict = _table.Check(Batch(7, 0, sequence, 5));

        verdict.Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
        verdict.Message.ShouldBe($"Producer 7 sent sequence {sequence} to orders-3; the last one appended is 9.");
    }

    [Fact]
    public void Check_FindsDuplicate_WhenBatchIsOneOfTheLastFive()
    {
        for (var i = 0; i < 6; i++)
        {
            Append(Batch(7, 0, i * 10, 10, Now + i));
        }

        for (var i = 1; i < 6; i++)
        {
            _table.Check(Batch(7, 0, i * 10, 10)).ShouldBe(ProducerVerdict.Duplicate(i * 10, (i + 1) * 10, Now + i));
        }

        _table.Check(Batch(7, 0, 0, 10)).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
    }

    [Fact]
    public void Check_RefusesOutOfOrder_WhenRepeatHasAnotherLength()
    {
        Append(Batch(7, 0, 0, 10));

        _table.Check(Batch(7, 0, 0, 9)).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
    }

    [Fact]
    public void Check_RefusesInvalidProducerEpoch_WhenEpochIsOld()
    {
        Append(Batch(7, 3, 0, 10));

        _table.Check(Batch(7, 2, 10, 1)).Error.ShouldBe(ErrorCode.InvalidProducerEpoch);
    }

    [Fact]
    public void Check_WantsSequenceZero_WhenEpochIsNew()
    {
        Append(Batch(7, 3, 0, 10));

        _table.Check(Batch(7, 4, 0, 1)).Kind.ShouldBe(ProducerVerdictKind.Append);
        _table.Check(Batch(7, 4, 10, 1)).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
    }

    [Fact]
    public void Check_FindsNoDuplicateOfTheEpochBefore_WhenEpochIsNew()
    {
        Append(Batch(7, 3, 0, 10));
        Append(Batch(7, 4, 0, 10));

        _table.Check(Batch(7, 4, 0, 10)).ShouldBe(ProducerVerdict.Duplicate(10, 20, Now));
        _table.Check(Batch(7, 4, 10, 10)).Kind.ShouldBe(ProducerVerdictKind.Append);
    }

    [Fact]
    public void Check_GoesOnAtZero_WhenSequenceWrapsAround()
    {
        Append(Batch(7, 0, int.MaxValue - 1, 4));

        _table.Check(Batch(7, 0, 2, 1)).Kind.ShouldBe(ProducerVerdictKind.Append);
        _table.Check(Batch(7, 0, int.MaxValue - 1, 4)).Kind.ShouldBe(ProducerVerdictKind.Duplicate);
        _table.Check(Batch(7, 0, 3, 1)).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
    }

    [Fact]
    public void Check_WantsZero_WhenLastSequenceIsTheLargest()
    {
        Append(Batch(7, 0, int.MaxValue, 1));

        _table.Check(Batch(7, 0, 0, 1)).Kind.ShouldBe(ProducerVerdictKind.Append);
    }

    [Fact]
    public void Expire_ForgetsProducers_WhenNotHeardOfForTheWholeTime()
    {
        _table.Replay(Batch(1, 0, 0, 1), 0, Now);
        _table.Replay(Batch(2, 0, 0, 1), 1, Now + 1);

        _table.Expire(Now + Day, Day).ShouldBe(1);

        _table.Check(Batch(1, 0, 5, 1)).Kind.ShouldBe(ProducerVerdictKind.Append);
        _table.Check(Batch(2, 0, 5, 1)).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
    }

    [Fact]
    public void Expire_KeepsProducer_WhenItWritesOldTimestampsNow()
    {
        _table.Replay(Batch(1, 0, 0, 1, timestamp: 0), 0, Now);

        _table.Expire(Now + Day - 1, Day).ShouldBe(0);
    }

    [Fact]
    public void Replay_ForgetsTheProducerHeardOfLongestAgo_WhenFull()
    {
        var table = new ProducerStateTable(new TopicPartition("orders", 3), maxProducers: 2);
        table.Replay(Batch(1, 0, 0, 1), 0, Now);
        table.Replay(Batch(2, 0, 0, 1), 1, Now);
        table.Replay(Batch(1, 0, 1, 1), 2, Now);

        table.Replay(Batch(3, 0, 0, 1), 3, Now);

        table.Count.ShouldBe(2);
        table.Check(Batch(2, 0, 9, 1)).Kind.ShouldBe(ProducerVerdictKind.Append);
        table.Check(Batch(1, 0, 9, 1)).Kind.ShouldBe(ProducerVerdictKind.Refuse);
    }

    [Fact]
    public void Replay_Throws_WhenOffsetGoesBack()
    {
        Append(Batch(1, 0, 0, 5));

        Should.Throw<InvalidOperationException>(() => _table.Replay(Batch(1, 0, 5, 1), 4, Now));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(int.MaxValue, 1, 0)]
    [InlineData(int.MaxValue - 1, 4, 2)]
    public void SequenceNumber_AddAndSubtract_AreInverse_AcrossTheWrap(int sequence, int steps, int sum)
    {
        SequenceNumber.Add(sequence, steps).ShouldBe(sum);
        SequenceNumber.Subtract(sum, steps).ShouldBe(sequence);
    }

    private static ProducerBatch Batch(long id, short epoch, int sequence, int records, long timestamp = Now)
        => new(id, epoch, sequence, records - 1, timestamp);

    private void Append(in ProducerBatch batch)
    {
        _table.Check(batch).Kind.ShouldBe(ProducerVerdictKind.Append);
        _table.Replay(batch, _table.EndOffset, Now);
    }
}
