using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

/// <summary>
/// Batches that other implementations wrote: logs of Kafka brokers and the wire fixtures that other clients' test suites
/// publish (kafka-python, Sarama, KafkaJS).
/// </summary>
public sealed class PublishedBatchTests
{
    private const string BrokerBatch1 =
        "00000000000000000000003B00000001020318A2700000000000000000015DFF7B063C0000015DFF7B063CFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000001" +
        "12000000010631323300";

    private const string BrokerBatch2 =
        "0000000000000001000000400000000202C85CBD230000000000010000015DFF7CDD6C0000015DFF7CDE14FFFFFFFFFFFFFFFFFFFFFFFFFFFF00000002" +
        "0C0000000100000E00D00202010000";

    private const string BrokerBatch3 =
        "00000000000000030000003B00000002022E0B85B70000000000000000015DFF7CE79D0000015DFF7CE79DFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000001" +
        "12000000010631323300";

    private const string BrokerBatch4 =
        "00000000000000000000004500000000025CD8EF520000000000000000016585B6F3C10000016585B6F3C1FFFFFFFFFFFFFFFFFFFFFFFFFFFF00000001" +
        "2600000001066864720208686B6579086876616C";

    private const string SaramaHeader = "000001588DCD59380000000000000000000000000000000000000000000000000001";

    [Fact]
    public void Read_GivesRecords_OfABrokersLog()
    {
        var log = Convert.FromHexString(BrokerBatch1 + BrokerBatch2 + BrokerBatch3 + BrokerBatch4);
        log.Length.ShouldBe(299);

        var batches = new List<RecordBatch>();
        foreach (var batch in RecordBatch.Enumerate(log.AsMemory()))
        {
            RecordBatch.VerifyCrc(batch.Memory.Span).ShouldBeTrue(batch.Header.ToString());
            batches.Add(batch);
        }

        batches.Select(b => b.Header.BaseOffset).ShouldBe([0, 1, 3, 0]);
        batches.Select(b => b.Header.PartitionLeaderEpoch).ShouldBe([1, 2, 2, 0]);
        var first = RecordAssertions.ReadAll(batches[0].Memory).ShouldHaveSingleItem();
        RecordAssertions.ShouldBeSame(first.Record, ReferenceRecord.Of(1503229838908, null, "123"));
        var second = RecordAssertions.ReadAll(batches[1].Memory);
        second.Select(r => r.Offset).ShouldBe([1, 2]);
        second.ShouldAllBe(r => r.Record.Value!.Length == 0 && r.Record.Key == null);
        second[1].Record.TimestampMs.ShouldBe(second[0].Record.TimestampMs + 168);
        RecordAssertions.ReadAll(batches[2].Memory).ShouldHaveSingleItem().Offset.ShouldBe(3);
        RecordAssertions.ShouldBeSame(
            RecordAssertions.ReadAll(batches[3].Memory).ShouldHaveSingleItem().Record,
            ReferenceRecord.Of(1535546684353, null, "hdr", ("hkey", [.. "hval"u8])));
    }

    [Theory]
    [InlineData(BrokerBatch1)]
    [InlineData(BrokerBatch2)]
    [InlineData(BrokerBatch3)]
    [InlineData(BrokerBatch4)]
    public void Close_GivesTheBrokersBytes_ForTheSameRecords(string hex)
    {
        var expected = Convert.FromHexString(hex);
        using var builder = new RecordBatchBuilder();
        foreach (var (_, record) in RecordAssertions.ReadAll(expected))
        {
            RecordAssertions.Append(builder, record);
        }

        using var batch = builder.Close();
        RecordBatchHeader.TryRead(expected, out var header).ShouldBeTrue();
        RecordBatch.SetBaseOffset(batch.Memory.Span, header.BaseOffset);
        RecordBatch.SetPartitionLeaderEpoch(batch.Memory.Span, header.PartitionLeaderEpoch);
        Convert.ToHexString(batch.Memory.Span).ShouldBe(hex);
    }

    [Fact]
    public void VerifyCrc_Holds_ForPublishedEmptyBatches()
    {
        string[] empty =
        [
            "00000000000000000000003100000000" + "02" + "595FB7DD" + "0000" + new string('0', 76),
            "00000000000000000000003100000000" + "02" + "512E43D9" + "0020" + new string('0', 76),
        ];
        foreach (var hex in empty)
        {
            var batch = Convert.FromHexString(hex);
            batch.Length.ShouldBe(61);
            RecordBatch.VerifyCrc(batch).ShouldBeTrue();
            RecordAssertions.ReadAll(batch).ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData(CompressionType.None, "547961FD", "28000A00080102030406050607020608090A040B0C")]
    [InlineData(CompressionType.Gzip, "E74ACEA5", "1F8B080000096E8800FF001500EAFF28000A00080102030406050607020608090A040B0C0300ADC9586715000000")]
    [InlineData(CompressionType.Snappy, "15009F61", "155028000A00080102030406050607020608090A040B0C")]
    [InlineData(CompressionType.Lz4, "A94A77C5", "04224D186470B91500008028000A00080102030406050607020608090A040B0C000000000C3BEF92")]
    public void Read_GivesTheRecord_OfSaramasBatchInEveryCodec(CompressionType codec, string crc, string body)
    {
        var batch = Convert.FromHexString(
            "0000000000000000" + (49 + (body.Length / 2)).ToString("X8", null) + "00000000" + "02" + crc + "000" + (int)codec + "00000000" + SaramaHeader + body);
        RecordBatch.VerifyCrc(batch).ShouldBeTrue();
        var (offset, record) = RecordAssertions.ReadAll(batch).ShouldHaveSingleItem();
        offset.ShouldBe(0);
        RecordAssertions.ShouldBeSame(record, new ReferenceRecord(1479847795005, [1, 2, 3, 4], [5, 6, 7], [("\b\t\n", [11, 12])]));

        // This client leaves a maximum timestamp of 0: the validator finds the right one.
        var validation = RecordBatchValidator.Validate(batch, new RecordBatchLimits { Inspection = RecordInspection.All }, nowMs: 1479847795000);
        validation.Result.ShouldBe(ValidationResult.Valid);
        validation.Header.MaxTimestamp.ShouldBe(0);
        validation.MaxTimestamp.ShouldBe(1479847795005);
    }

    [Fact]
    public void Read_GivesTheRecord_OfABatchThatABrokerRecompressedWithGzip()
    {
        byte[] batch =
        [
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 113, 0, 0, 0, 0, 2, 228, 195, 36, 165, 0, 9, 0, 0, 0, 0, 0, 0, 1, 115, 237, 245, 255, 167,
            0, 0, 1, 115, 237, 245, 255, 201, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
            31, 139, 8, 0, 0, 0, 0, 0, 0, 19, 11, 99, 96, 96, 224, 202, 78, 173, 212, 53, 112, 40, 75, 204, 41, 77, 213, 53, 208, 53, 50,
            48, 50, 208, 53, 176, 208, 53, 52, 9, 49, 52, 183, 50, 52, 182, 50, 176, 208, 51, 179, 48, 138, 98, 0, 0, 181, 227, 241, 167, 44, 0, 0, 0,
        ];
        RecordBatchHeader.TryRead(batch, out var header).ShouldBeTrue();
        header.TimestampType.ShouldBe(TimestampType.LogAppendTime);
        header.BaseTimestamp.ShouldBe(1597425188775);
        var (_, record) = RecordAssertions.ReadAll(batch).ShouldHaveSingleItem();
        record.TimestampMs.ShouldBe(1597425188809, "the append time, not the producer's");
        RecordAssertions.ShouldBeSame(record, ReferenceRecord.Of(1597425188809, "key-0", "value-0-2020-08-14T17:13:08.682Z"));
    }

    [Fact]
    public void TryRead_GivesTheMarker_OfAPublishedControlBatch()
    {
        var batch = Convert.FromHexString(
            "00000000000000000000005200000000026597FFD0002000000000000000000098967F000000000098967FFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000001" +
            "4000000008000000002C6F70617175652D636F6E74726F6C2D6D65737361676500");
        RecordBatch.RenewCrc(batch); // the published CRC is not right
        using var reader = new RecordReader();
        reader.Open(batch);
        reader.Header.IsControl.ShouldBeTrue();
        reader.TryRead(out var record).ShouldBeTrue();
        EndTransactionMarker.TryRead(in record, out var marker).ShouldBeTrue();
        marker.Type.ShouldBe(ControlRecordType.Abort);
    }
}
