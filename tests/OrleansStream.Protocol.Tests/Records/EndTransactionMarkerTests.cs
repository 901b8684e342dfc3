using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

public sealed class EndTransactionMarkerTests
{
    [Theory]
    [InlineData(ControlRecordType.Abort, "00000000")]
    [InlineData(ControlRecordType.Commit, "00000001")]
    public void ToBatch_GivesTheReferencesBytes_AndReadsBack(ControlRecordType type, string key)
    {
        using var batch = new EndTransactionMarker(type, 0x01020304).ToBatch(1000, producerId: 7, producerEpoch: 2);
        var expected = new ReferenceBatch
        {
            Attributes = 0x30,
            ProducerId = 7,
            ProducerEpoch = 2,
            BaseSequence = -1,
            Records = { new ReferenceRecord(1000, Convert.FromHexString(key), Convert.FromHexString("000001020304"), []) },
        };
        Convert.ToHexString(batch.Memory.Span).ShouldBe(Convert.ToHexString(expected.ToArray()));

        using var reader = new RecordReader();
        reader.Open(batch.Memory);
        reader.TryRead(out var record).ShouldBeTrue();
        EndTransactionMarker.TryRead(in record, out var marker).ShouldBeTrue();
        marker.ShouldBe(new EndTransactionMarker(type, 0x01020304));
    }

    [Theory]
    [InlineData("00000002", "000000000000")]
    [InlineData("00000005", "")]
    public void TryRead_IsFalse_ForOtherControlRecords(string key, string value) => TryRead(key, value).ShouldBeFalse();

    [Theory]
    [InlineData("", "000000000000")]
    [InlineData("000000", "000000000000")]
    [InlineData("FFFF0001", "000000000000")]
    [InlineData("00000001", "")]
    [InlineData("00000001", "0000000000")]
    [InlineData("00000001", "FFFF00000000")]
    public void TryRead_Throws_WhenMalformed(string key, string value) =>
        Should.Throw<ProtocolException>(() => TryRead(key, value)).ErrorCode.ShouldBe(ErrorCode.InvalidRecord);

    private static bool TryRead(string key, string value)
    {
        var batch = new ReferenceBatch { Attributes = 0x20, Records = { new ReferenceRecord(1, Convert.FromHexString(key), Convert.FromHexString(value), []) } };
        using var reader = new RecordReader();
        reader.Open(batch.ToArray());
        reader.TryRead(out var record).ShouldBeTrue();
        return EndTransactionMarker.TryRead(in record, out _);
    }
}
