using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

public sealed class RecordReaderTests
{
    [Fact]
    public void TryRead_GivesSlicesOfTheBatch_WhenItIsNotCompressed()
    {
        var batch = new ReferenceBatch { BaseOffset = 40, Records = { ReferenceRecord.Of(1, "key", "value"), ReferenceRecord.Of(2, null, null) } }.ToArray();
        using var reader = new RecordReader();
        reader.Open(batch);
        reader.RemainingRecords.ShouldBe(2);

        reader.TryRead(out var first).ShouldBeTrue();
        first.Offset.ShouldBe(40);
        first.Key.Span.SequenceEqual("key"u8).ShouldBeTrue();
        first.Value.Span.SequenceEqual("value"u8).ShouldBeTrue();
        var memory = reader.GetValueMemory(in first).ShouldNotBeNull();
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out var segment).ShouldBeTrue();
        segment.Array.ShouldBeSameAs(batch);
        reader.GetKeyMemory(in first).ShouldNotBeNull().ToArray().ShouldBe("key"u8.ToArray());

        reader.TryRead(out var second).ShouldBeTrue();
        second.Key.IsNull.ShouldBeTrue();
        second.Value.HasValue.ShouldBeFalse();
        reader.GetKeyMemory(in second).ShouldBeNull();
        reader.GetValueMemory(in second).ShouldBeNull();
        reader.TryRead(out _).ShouldBeFalse();
        reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public void Foreach_GoesOn_WhereTryReadStopped()
    {
        var reference = new ReferenceBatch();
        for (var i = 0; i < 100; i++)
        {
            reference.Records.Add(ReferenceRecord.Of(i, null, "v"));
        }

        using var reader = new RecordReader();
        reader.Open(reference.ToArray());
        reader.TryRead(out _).ShouldBeTrue();
        var offset = 1L;
        foreach (var record in reader)
        {
            record.Offset.ShouldBe(offset++);
        }

        offset.ShouldBe(100);
    }

    [Fact]
    public void Headers_AreFoundInOrder_WithDuplicatesAndNulls()
    {
        var batch = new ReferenceBatch
        {
            Records = { ReferenceRecord.Of(1, null, "v", ("a", [1]), ("b", null), ("a", [2, 3]), (string.Empty, [])) },
        }.ToArray();
        using var reader = new RecordReader();
        reader.Open(batch);
        reader.TryRead(out var record).ShouldBeTrue();
        record.HeaderCount.ShouldBe(4);
        record.Headers.TryGetLast("a"u8, out var last).ShouldBeTrue();
        last.Value.ToArray().ShouldBe([2, 3]);
        record.Headers.TryGetLast("b"u8, out last).ShouldBeTrue();
        last.Value.IsNull.ShouldBeTrue();
        record.Headers.TryGetLast(""u8, out last).ShouldBeTrue();
        last.Value.HasValue.ShouldBeTrue();
        record.Headers.TryGetLast("c"u8, out _).ShouldBeFalse();
        record.Headers.ToArray().Select(h => h.Key).ShouldBe(["a", "b", "a", ""]);
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void Open_HasNoRecords_WhenCompactionLeftNone(CompressionType type)
    {
        var batch = new ReferenceBatch { Attributes = (short)type, BaseOffset = 7, LastOffsetDelta = 9, RecordCount = 0 }.ToArray();
        using var reader = new RecordReader();
        reader.Open(batch);
        reader.TryRead(out _).ShouldBeFalse();
        reader.Header.NextOffset.ShouldBe(17);
    }

    [Fact]
    public void Open_Throws_WhenAnEmptyBatchHasBytes()
    {
        var batch = new ReferenceBatch { Body = [0], RecordCount = 0 }.ToArray();
        using var reader = new RecordReader();
        Should.Throw<ProtocolException>(() => reader.Open(batch)).ErrorCode.ShouldBe(ErrorCode.InvalidRecord);
    }

    [Fact]
    public void Open_Throws_WhenSizeOrCrcIsWrong()
    {
        var batch = new ReferenceBatch { Records = { ReferenceRecord.Of(1, "key", "value") } }.ToArray();
        using var reader = new RecordReader();
        for (var length = 0; length < batch.Length; length++)
        {
            Should.Throw<ProtocolException>(() => reader.Open(batch.AsMemory(0, length)), $"{length} bytes").ErrorCode.ShouldBe(ErrorCode.CorruptMessage);
        }

        Should.Throw<ProtocolException>(() => reader.Open(new byte[1].Concat(batch).ToArray()));
        Should.Throw<ProtocolException>(() => reader.Open(batch.Concat(new byte[1]).ToArray())).ErrorCode.ShouldBe(ErrorCode.CorruptMessage);
        batch[^1] ^= 1;
        Should.Throw<ProtocolException>(() => reader.Open(batch)).Message.ShouldContain("CRC");
        reader.RemainingRecords.ShouldBe(0);
        reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public void Open_SkipsTheCrc_WhenToldSo()
    {
        var batch = new ReferenceBatch { Records = { ReferenceRecord.Of(1, "key", "value") } }.ToArray();
        batch[17] ^= 1;
        RecordAssertions.ReadAll(batch, new RecordReaderOptions { CheckCrc = false }).ShouldHaveSingleItem();
    }

    /// <summary>Records that lie about themselves, behind a correct CRC.</summary>
    public static TheoryData<string, string, int> HostileRecords => new()
    {
        // length attributes timestampDelta offsetDelta keyLength valueLength headerCount
        { "no record at all", "", 1 },
        { "length negative", "01", 1 },
        { "length beyond the batch", "10000000010100", 1 },
        { "length huge", "FEFFFFFF0F000000010100", 1 },
        { "length overlong", "8C00000000010100", 1 },
        { "length without end", "8080808080", 1 },
        { "length zero", "00", 1 },
        { "ends within the timestamp delta", "040080", 1 },
        { "ends within the key length", "06000000", 1 },
        { "key length below -1", "0C000000030100", 1 },
        { "key beyond the record", "0C000000100100", 1 },
        { "key huge", "14000000FEFFFFFF0F0100", 1 },
        { "value length below -1", "0C000000010300", 1 },
        { "value beyond the record", "0C000000010200", 1 },
        { "no header count", "0A0000000101", 1 },
        { "header count negative", "0C000000010101", 1 },
        { "header count huge", "14000000" + "0101" + "FEFFFFFF0F", 1 },
        { "header missing", "0C000000010102", 1 },
        { "header key null", "100000000101020101", 1 },
        { "header key beyond", "100000000101020801", 1 },
        { "header value beyond", "100000000101020008", 1 },
        { "bytes after the headers", "0E00000001010000", 1 },
        { "offset delta negative", "0C000001010100", 1 },
        { "offset delta beyond the last", "0C000002010100", 1 },
        { "offset delta repeated", "0C000000010100" + "0C000000010100", 2 },
        { "offset delta falling", "0C000002010100" + "0C000000010100", 2 },
        { "second record missing", "0C000000010100", 2 },
        { "bytes after the last record", "0C00000001010000", 1 },
        { "one record too many", "0C000000010100" + "0C000002010100", 1 },
        { "timestamp delta of more than 64 bits", "1E00FFFFFFFFFFFFFFFFFF7F00010100", 1 },
    };

    [Theory]
    [MemberData(nameof(HostileRecords))]
    public void TryRead_Throws_WhenARecordIsMalformed(string what, string hex, int recordCount)
    {
        var batch = new ReferenceBatch { Body = Convert.FromHexString(hex), RecordCount = recordCount, LastOffsetDelta = recordCount - 1 }.ToArray();
        var exception = Should.Throw<ProtocolException>(() => RecordAssertions.ReadAll(batch), what);
        exception.ErrorCode.ShouldBeOneOf(ErrorCode.InvalidRecord, ErrorCode.CorruptMessage);
        exception.Message.ShouldNotBeNullOrWhiteSpace();
        var validation = RecordBatchValidator.Validate(batch, RecordBatchLimits.Default, nowMs: 0);
        validation.Error.ShouldBe(exception.ErrorCode);
    }

    [Fact]
    public void TryRead_AcceptsTheSmallestRecord_ThatTheHostileOnesVary()
    {
        var batch = new ReferenceBatch { Body = Convert.FromHexString("0C000000010100"), RecordCount = 1 }.ToArray();
        RecordAssertions.ReadAll(batch).ShouldHaveSingleItem();
    }

    [Fact]
    public void TryRead_AllocatesNothing_ForPlainAndCompressedBatches()
    {
        foreach (var type in new[] { CompressionType.None, CompressionType.Lz4, CompressionType.Zstd })
        {
            using var builder = new RecordBatchBuilder(type);
            for (var i = 0; i < 1000; i++)
            {
                builder.Append(i, "key"u8, "some value"u8, [new RecordHeader("h", new byte[] { 1 })]);
            }

            using var batch = builder.Close();
            using var reader = new RecordReader();

            // Code that is not optimized yet may box here and there, and the optimizer waits until nothing new has run for a
            // tenth of a second, so the best of many rounds counts.
            var allocated = long.MaxValue;
            for (var round = 0; round < 10_000 && allocated > 0; round++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var sum = Read(reader, batch.Memory);
                allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
                sum.ShouldBe(15_000);
            }

            allocated.ShouldBe(0, type.ToString());
        }

        static int Read(RecordReader reader, ReadOnlyMemory<byte> batch)
        {
            reader.Open(batch);
            var sum = 0;
            foreach (var record in reader)
            {
                sum += record.Key.Length + record.Value.Length;
                foreach (var header in record.Headers)
                {
                    sum += header.KeyUtf8.Length + header.Value.Length;
                }
            }

            return sum;
        }
    }
}
