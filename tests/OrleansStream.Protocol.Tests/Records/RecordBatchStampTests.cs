using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

public sealed class RecordBatchStampTests
{
    [Fact]
    public void SetBaseOffsetAndEpoch_KeepTheCrc_BecauseTheyLieOutsideIt()
    {
        var batch = Sample();
        var crc = RecordBatch.ComputeCrc(batch);
        RecordBatch.SetBaseOffset(batch, 0x0102030405060708);
        RecordBatch.SetPartitionLeaderEpoch(batch, 77);
        RecordBatch.VerifyCrc(batch).ShouldBeTrue();
        RecordBatch.ComputeCrc(batch).ShouldBe(crc);
        RecordBatchHeader.TryRead(batch, out var header).ShouldBeTrue();
        header.BaseOffset.ShouldBe(0x0102030405060708);
        header.PartitionLeaderEpoch.ShouldBe(77);
        RecordAssertions.ReadAll(batch).Select(r => r.Offset).ShouldBe([0x0102030405060708, 0x0102030405060709]);
    }

    [Fact]
    public void SetLogAppendTime_BecomesEveryRecordsTimestamp_AndRenewsTheCrc()
    {
        var batch = Sample();
        RecordBatch.SetLogAppendTime(batch, 1_800_000_000_000);
        RecordBatch.VerifyCrc(batch).ShouldBeTrue();
        RecordBatchHeader.TryRead(batch, out var header).ShouldBeTrue();
        header.TimestampType.ShouldBe(TimestampType.LogAppendTime);
        header.MaxTimestamp.ShouldBe(1_800_000_000_000);
        header.BaseTimestamp.ShouldBe(100, "the producer's first timestamp stays");
        RecordAssertions.ReadAll(batch).ShouldAllBe(r => r.Record.TimestampMs == 1_800_000_000_000);
    }

    [Fact]
    public void SetMaxTimestamp_ChangesNothingElse_AndRenewsTheCrc()
    {
        var batch = Sample();
        RecordBatch.SetMaxTimestamp(batch, 500);
        RecordBatch.VerifyCrc(batch).ShouldBeTrue();
        RecordBatchHeader.TryRead(batch, out var header).ShouldBeTrue();
        header.TimestampType.ShouldBe(TimestampType.CreateTime);
        header.MaxTimestamp.ShouldBe(500);
        RecordAssertions.ReadAll(batch).Select(r => r.Record.TimestampMs).ShouldBe([100, 99]);
    }

    [Fact]
    public void VerifyCrc_IsFalse_ForLessThanAHeader()
    {
        for (var length = 0; length < RecordBatchHeader.Size; length++)
        {
            RecordBatch.VerifyCrc(new byte[length]).ShouldBeFalse();
        }
    }

    private static byte[] Sample() => new ReferenceBatch
    {
        Records = { ReferenceRecord.Of(100, "a", "1"), ReferenceRecord.Of(99, "b", "2") },
    }.ToArray();
}
