using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

public sealed class RecordBatchHeaderTests
{
    /// <summary>Each field holds a value of its own, so that no two can be mistaken for each other.</summary>
    private const string Golden =
        "0102030405060708" + // base offset
        "00000031" +         // batch length 49
        "0A0B0C0D" +         // partition leader epoch
        "02" +               // magic
        "A1B2C3D4" +         // crc
        "007C" +             // attributes: zstd, LogAppendTime, transactional, control, delete horizon
        "0E0F1011" +         // last offset delta
        "1213141516171819" + // base timestamp
        "1A1B1C1D1E1F2021" + // max timestamp
        "2223242526272829" + // producer id
        "2A2B" +             // producer epoch
        "2C2D2E2F" +         // base sequence
        "00000000";          // record count

    [Fact]
    public void TryRead_GivesEveryField_FromGoldenBytes()
    {
        RecordBatchHeader.TryRead(Convert.FromHexString(Golden), out var header).ShouldBeTrue();

        header.BaseOffset.ShouldBe(0x0102030405060708);
        header.BatchLength.ShouldBe(49);
        header.SizeInBytes.ShouldBe(61);
        header.PartitionLeaderEpoch.ShouldBe(0x0A0B0C0D);
        header.Magic.ShouldBe((sbyte)2);
        header.Crc.ShouldBe(0xA1B2C3D4u);
        header.Attributes.ShouldBe((short)0x7C);
        header.LastOffsetDelta.ShouldBe(0x0E0F1011);
        header.LastOffset.ShouldBe(0x0102030405060708 + 0x0E0F1011);
        header.NextOffset.ShouldBe(0x0102030405060708 + 0x0E0F1012);
        header.BaseTimestamp.ShouldBe(0x1213141516171819);
        header.MaxTimestamp.ShouldBe(0x1A1B1C1D1E1F2021);
        header.ProducerId.ShouldBe(0x2223242526272829);
        header.ProducerEpoch.ShouldBe((short)0x2A2B);
        header.BaseSequence.ShouldBe(0x2C2D2E2F);
        header.LastSequence.ShouldBe(0x2C2D2E2F + 0x0E0F1011);
        header.RecordCount.ShouldBe(0);
        header.CompressionType.ShouldBe(CompressionType.Zstd);
        header.TimestampType.ShouldBe(TimestampType.LogAppendTime);
        header.IsTransactional.ShouldBeTrue();
        header.IsControl.ShouldBeTrue();
        header.HasDeleteHorizon.ShouldBeTrue();
        header.HasProducerId.ShouldBeTrue();
    }

    [Fact]
    public void Write_GivesTheSameBytes_ThatWereRead()
    {
        RecordBatchHeader.TryRead(Convert.FromHexString(Golden), out var header).ShouldBeTrue();
        var bytes = new byte[RecordBatchHeader.Size];
        header.Write(bytes);
        Convert.ToHexString(bytes).ShouldBe(Golden);
    }

    [Fact]
    public void TryRead_AsksForMore_AtEverySplitPoint()
    {
        var bytes = Convert.FromHexString(Golden);
        for (var length = 0; length < bytes.Length; length++)
        {
            RecordBatchHeader.TryRead(bytes.AsSpan(0, length), out _).ShouldBeFalse($"{length} bytes");
        }
    }

    [Theory]
    [InlineData((short)0, CompressionType.None, TimestampType.CreateTime, false, false, false)]
    [InlineData((short)1, CompressionType.Gzip, TimestampType.CreateTime, false, false, false)]
    [InlineData((short)2, CompressionType.Snappy, TimestampType.CreateTime, false, false, false)]
    [InlineData((short)3, CompressionType.Lz4, TimestampType.CreateTime, false, false, false)]
    [InlineData((short)4, CompressionType.Zstd, TimestampType.CreateTime, false, false, false)]
    [InlineData((short)0x08, CompressionType.None, TimestampType.LogAppendTime, false, false, false)]
    [InlineData((short)0x10, CompressionType.None, TimestampType.CreateTime, true, false, false)]
    [InlineData((short)0x20, CompressionType.None, TimestampType.CreateTime, false, true, false)]
    [InlineData((short)0x40, CompressionType.None, TimestampType.CreateTime, false, false, true)]
    public void Attributes_AreTakenApart_BitByBit(
        short attributes, CompressionType compression, TimestampType timestampType, bool transactional, bool control, bool deleteHorizon)
    {
        var header = new RecordBatchHeader { Attributes = attributes };
        header.CompressionType.ShouldBe(compression);
        header.TimestampType.ShouldBe(timestampType);
        header.IsTransactional.ShouldBe(transactional);
        header.IsControl.ShouldBe(control);
        header.HasDeleteHorizon.ShouldBe(deleteHorizon);
    }

    [Theory]
    [InlineData(int.MaxValue, 1, 0)]
    [InlineData(int.MaxValue - 5, 10, 4)]
    [InlineData(0, 7, 7)]
    public void LastSequence_WrapsToZero_AfterTheLargestInteger(int baseSequence, int lastOffsetDelta, int expected) =>
        new RecordBatchHeader { BaseSequence = baseSequence, LastOffsetDelta = lastOffsetDelta }.LastSequence.ShouldBe(expected);

    [Fact]
    public void Validate_AcceptsWhatCompactionLeaves_WhenRecordsAreMissing()
    {
        Valid().Validate().IsValid.ShouldBeTrue();
        (Valid() with { RecordCount = 0 }).Validate().IsValid.ShouldBeTrue();
        (Valid() with { RecordCount = 3 }).Validate().IsValid.ShouldBeTrue();
    }

    [Fact]
    public void Validate_NamesTheFault_ForEveryWrongField()
    {
        (RecordBatchHeader Header, ErrorCode Code, string Message)[] faults =
        [
            (Valid() with { Magic = 0 }, ErrorCode.UnsupportedForMessageFormat, "magic 0"),
            (Valid() with { Magic = 1 }, ErrorCode.UnsupportedForMessageFormat, "magic 1"),
            (Valid() with { Magic = 3 }, ErrorCode.CorruptMessage, "magic 3"),
            (Valid() with { Magic = -1 }, ErrorCode.CorruptMessage, "magic -1"),
            (Valid() with { BatchLength = 48 }, ErrorCode.CorruptMessage, "batch length is 48"),
            (Valid() with { BatchLength = -1 }, ErrorCode.CorruptMessage, "batch length is -1"),
            (Valid() with { BatchLength = int.MinValue }, ErrorCode.CorruptMessage, "batch length is -2147483648"),
            (Valid() with { BatchLength = 989 }, ErrorCode.MessageTooLarge, "1001 bytes; at most 1000"),
            (Valid() with { BatchLength = int.MaxValue }, ErrorCode.MessageTooLarge, "2147483659 bytes"),
            (Valid() with { Attributes = 5 }, ErrorCode.UnsupportedCompressionType, "compression type is 5"),
            (Valid() with { Attributes = 7 }, ErrorCode.UnsupportedCompressionType, "compression type is 7"),
            (Valid() with { Attributes = 0x80 }, ErrorCode.InvalidRecord, "0x0080"),
            (Valid() with { Attributes = short.MinValue }, ErrorCode.InvalidRecord, "0x8000"),
            (Valid() with { BaseOffset = -1 }, ErrorCode.InvalidRecord, "base offset -1"),
            (Valid() with { BaseOffset = long.MaxValue }, ErrorCode.InvalidRecord, "base offset 9223372036854775807"),
            (Valid() with { LastOffsetDelta = -1 }, ErrorCode.InvalidRecord, "last offset delta -1"),
            (Valid() with { RecordCount = -1 }, ErrorCode.InvalidRecord, "-1 records"),
            (Valid() with { RecordCount = 6 }, ErrorCode.InvalidRecord, "6 records and the last offset delta 4"),
            (Valid() with { RecordCount = int.MinValue }, ErrorCode.InvalidRecord, "-2147483648 records"),
            (Valid() with { ProducerId = -2 }, ErrorCode.InvalidRecord, "producer id -2"),
            (Valid() with { ProducerEpoch = -2 }, ErrorCode.InvalidRecord, "epoch -2"),
            (Valid() with { BaseSequence = -2 }, ErrorCode.InvalidRecord, "base sequence -2"),
            (Valid() with { ProducerId = 5 }, ErrorCode.InvalidRecord, "producer epoch -1"),
            (Valid() with { Attributes = 0x10 }, ErrorCode.InvalidRecord, "transactional"),
        ];
        foreach (var (header, code, message) in faults)
        {
            var result = header.Validate(maxBatchBytes: 1000);
            result.Error.ShouldBe(code, message);
            result.Message.ShouldNotBeNull().ShouldContain(message);
            Should.Throw<ProtocolException>(result.ThrowIfInvalid).ErrorCode.ShouldBe(code);
        }
    }

    [Theory]
    [InlineData("0000000000000005 00000019 47862 8C2 01 000000015E1867ABAEFFFFFFFF00000003313233", 1)]
    [InlineData("0000000000000005 00000011 FEB01DBF 00 00FFFFFFFF00000003313233", 0)]
    public void TryRead_RecognizesOldFormats_WhenTheMagicIsThere(string hex, int magic)
    {
        // Messages of Kafka 0.10 and 0.11; shorter than a header of version 2, so waiting for more would be for ever.
        var bytes = Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal));
        RecordBatchHeader.TryRead(bytes.AsSpan(0, 16), out _).ShouldBeFalse();
        for (var length = 17; length <= bytes.Length; length++)
        {
            RecordBatchHeader.TryRead(bytes.AsSpan(0, length), out var header).ShouldBeTrue();
            header.Magic.ShouldBe((sbyte)magic);
            header.BaseOffset.ShouldBe(5);
            header.Validate().Error.ShouldBe(ErrorCode.UnsupportedForMessageFormat);
        }
    }

    [Fact]
    public void ToString_DoesNotThrow_ForHostileLength() =>
        new RecordBatchHeader { Magic = 2, BatchLength = int.MaxValue, BaseOffset = long.MaxValue, LastOffsetDelta = int.MaxValue }
            .ToString().ShouldContain("2147483659 bytes");

    private static RecordBatchHeader Valid() => new()
    {
        BatchLength = 100,
        Magic = 2,
        LastOffsetDelta = 4,
        RecordCount = 5,
        ProducerId = -1,
        ProducerEpoch = -1,
        BaseSequence = -1,
    };
}
