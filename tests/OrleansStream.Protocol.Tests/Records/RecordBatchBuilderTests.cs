using System.Buffers;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

public sealed class RecordBatchBuilderTests
{
    [Fact]
    public void Close_GivesTheReferencesBytes_ForEveryShapeOfRecord()
    {
        var reference = new ReferenceBatch
        {
            Records =
            {
                ReferenceRecord.Of(1_700_000_000_000, "key", "value"),
                ReferenceRecord.Of(1_700_000_000_000, null, null),
                ReferenceRecord.Of(1_600_000_000_000, string.Empty, string.Empty),
                ReferenceRecord.Of(1_700_000_000_123, "k", null, ("one", [1]), ("zwei", null), ("δύο", []), (string.Empty, [.. "x"u8])),
                new ReferenceRecord(1_700_000_000_001, new byte[63], new byte[64], []),
                new ReferenceRecord(-1, new byte[8191], new byte[8192], [("big", new byte[300])]),
                new ReferenceRecord(long.MaxValue, null, new byte[100_000], []),
            },
        };
        using var builder = new RecordBatchBuilder(initialCapacity: 0);
        foreach (var record in reference.Records)
        {
            RecordAssertions.Append(builder, record);
        }

        builder.SizeInBytes.ShouldBe(reference.ToArray().Length);
        using var batch = builder.Close();
        batch.RecordCount.ShouldBe(7);
        batch.Memory.Span.SequenceEqual(reference.ToArray()).ShouldBeTrue();
    }

    [Fact]
    public void Close_SetsProducerAndFlags_WhenTransactional()
    {
        using var builder = new RecordBatchBuilder { IsTransactional = true };
        builder.Append(5, null, "v"u8);
        using var batch = builder.Close(new ProducerSequence(0x0102030405060708, 9, 1000));
        var reference = new ReferenceBatch
        {
            Attributes = 0x10,
            ProducerId = 0x0102030405060708,
            ProducerEpoch = 9,
            BaseSequence = 1000,
            Records = { ReferenceRecord.Of(5, null, "v") },
        };
        batch.Memory.Span.SequenceEqual(reference.ToArray()).ShouldBeTrue();
    }

    [Fact]
    public void SetProducer_RenewsTheCrc_ForARetry()
    {
        using var builder = new RecordBatchBuilder(CompressionType.Gzip);
        builder.Append(5, null, "v"u8);
        using var batch = builder.Close(new ProducerSequence(7, 0, 0));
        var before = batch.Header.Crc;

        batch.SetProducer(new ProducerSequence(7, 1, 42));

        batch.Header.Producer.ShouldBe(new ProducerSequence(7, 1, 42));
        batch.Header.Crc.ShouldNotBe(before);
        RecordBatch.VerifyCrc(batch.Memory.Span).ShouldBeTrue();
    }

    [Fact]
    public void Builder_StartsAfresh_AfterCloseAndReset()
    {
        using var builder = new RecordBatchBuilder();
        builder.Append(1000, "dropped"u8, "x"u8);
        builder.Reset();
        builder.IsEmpty.ShouldBeTrue();
        builder.SizeInBytes.ShouldBe(RecordBatchHeader.Size);

        OwnedRecordBatch[] batches = [.. Enumerable.Range(0, 3).Select(i =>
        {
            builder.Append(i, null, new byte[] { (byte)i });
            return builder.Close();
        })];

        for (var i = 0; i < 3; i++)
        {
            // Each batch owns its buffer: building the next has not changed it.
            RecordAssertions.ShouldBeSame(RecordAssertions.ReadAll(batches[i].Memory).ShouldHaveSingleItem().Record, new ReferenceRecord(i, null, [(byte)i], []));
            batches[i].Dispose();
            batches[i].Dispose();
            Should.Throw<ObjectDisposedException>(() => batches[i].Memory);
        }
    }

    [Fact]
    public void Close_Throws_WhenThereIsNothingToClose()
    {
        using var builder = new RecordBatchBuilder();
        Should.Throw<InvalidOperationException>(() => builder.Close()).Message.ShouldContain("no records");
        builder.BeginRecord(1, null);
        Should.Throw<InvalidOperationException>(() => builder.Close()).Message.ShouldContain("EndRecord");
        Should.Throw<InvalidOperationException>(() => builder.Append(1, null, null)).Message.ShouldContain("EndRecord");
        Should.Throw<InvalidOperationException>(() => builder.BeginRecord(1, null)).Message.ShouldContain("EndRecord");
    }

    [Fact]
    public void TryAppend_LeavesTheBatchAlone_WhenItIsFull()
    {
        using var builder = new RecordBatchBuilder { SizeLimit = 500 };
        builder.TryAppend(1, null, new byte[10_000]).ShouldBeTrue("the first record always fits");
        builder.Reset();
        var count = 0;
        while (builder.TryAppend(count, "key"u8, new byte[20], [new RecordHeader("h", new byte[3])]))
        {
            count++;
        }

        count.ShouldBeGreaterThan(5);
        builder.RecordCount.ShouldBe(count);
        builder.SizeInBytes.ShouldBeLessThanOrEqualTo(500);
        using var batch = builder.Close();
        RecordAssertions.ReadAll(batch.Memory).Count.ShouldBe(count);
    }

    [Fact]
    public void MaxSizeOf_IsNeverBelowTheRealSize_AndCloseToIt()
    {
        foreach (var valueLength in new[] { -1, 0, 1, 63, 64, 8192, 1_000_000 })
        {
            RecordHeader[] headers = [new("ключ", new byte[valueLength < 0 ? 0 : valueLength % 100]), new("empty", null)];
            using var builder = new RecordBatchBuilder();
            builder.Append(0, null, null);
            var before = builder.SizeInBytes;
            builder.Append(long.MinValue, new byte[100], valueLength < 0 ? null : new byte[valueLength], headers);
            var size = builder.SizeInBytes - before;
            var bound = RecordBatchBuilder.MaxSizeOf(100, valueLength, headers);
            bound.ShouldBeGreaterThanOrEqualTo(size);
            bound.ShouldBeLessThan(size + 120);
        }
    }

    [Fact]
    public void AppendWithValueOf_GivesTheSameBytes_AsAppend()
    {
        using var builder = new RecordBatchBuilder();
        RecordHeader[] headers = [new("h", new byte[] { 1 })];
        builder.Append(1, "key"u8, "hello"u8, headers);
        using var expected = builder.Close();
        "hello"u8.CopyTo(builder.AppendWithValueOf(1, "key"u8, 5, headers));
        using var actual = builder.Close();
        actual.Memory.Span.SequenceEqual(expected.Memory.Span).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(70_000)]
    public void BeginRecord_GivesTheSameBytes_AsAppendWhateverTheHint(int length)
    {
        var value = new byte[length];
        new Random(length).NextBytes(value);
        RecordHeader[] headers = [new("h", new byte[] { 1 }), new("n", null)];
        foreach (var hint in new[] { 0, 1, 62, 64, 8190, 8192, 100_000 })
        {
            foreach (var key in new byte[]?[] { null, [], [1, 2, 3], new byte[70] })
            {
                using var builder = new RecordBatchBuilder(initialCapacity: 0);
                builder.Append(10, "first"u8, "x"u8);
                builder.Append(7, key, value, headers);
                builder.Append(8, key, value);
                using var expected = builder.Close();

                builder.Append(10, "first"u8, "x"u8);
                WriteInPieces(builder.BeginRecord(7, key, hint), value);
                builder.PendingValue.SequenceEqual(value).ShouldBeTrue();
                builder.EndRecord(headers);
                WriteInPieces(builder.BeginRecord(8, key), value);
                builder.EndRecord();
                using var actual = builder.Close();
                actual.Memory.Span.SequenceEqual(expected.Memory.Span).ShouldBeTrue($"hint {hint}, key {key?.Length}");
            }
        }
    }

    [Fact]
    public void CancelRecord_LeavesNoTrace_WhenTheValueDoesNotFit()
    {
        using var builder = new RecordBatchBuilder { SizeLimit = 1000 };
        builder.Append(1, null, "first"u8);
        var writer = builder.BeginRecord(2, "key"u8);
        WriteInPieces(writer, new byte[2000]);
        builder.PendingSizeInBytes.ShouldBeGreaterThan(builder.SizeLimit);

        // The way a producer rolls over to the next batch without serializing twice.
        using var next = new RecordBatchBuilder();
        next.Append(2, "key"u8, builder.PendingValue);
        builder.CancelRecord();

        builder.RecordCount.ShouldBe(1);
        Should.Throw<InvalidOperationException>(() => writer.GetSpan(1));
        Should.Throw<InvalidOperationException>(() => builder.EndRecord());
        using var batch = builder.Close();
        RecordAssertions.ReadAll(batch.Memory).ShouldHaveSingleItem();
        using var nextBatch = next.Close();
        RecordAssertions.ReadAll(nextBatch.Memory).ShouldHaveSingleItem().Record.Value!.Length.ShouldBe(2000);
    }

    [Fact]
    public void Append_Throws_WhenTheBatchWouldPassTheLimit()
    {
        using var builder = new RecordBatchBuilder();
        builder.Append(1, null, "kept"u8);
        Should.Throw<ProtocolException>(() => builder.AppendWithValueOf(1, null, int.MaxValue)).ErrorCode.ShouldBe(ErrorCode.MessageTooLarge);
        Should.Throw<ProtocolException>(() => builder.BeginRecord(1, null, int.MaxValue)).ErrorCode.ShouldBe(ErrorCode.MessageTooLarge);
        using var batch = builder.Close();
        RecordAssertions.ReadAll(batch.Memory).ShouldHaveSingleItem();
    }

    [Fact]
    public void AppendAt_KeepsGaps_AsCompactionNeeds()
    {
        using var builder = new RecordBatchBuilder();
        builder.AppendAt(2, 1, "a"u8, "1"u8);
        builder.AppendAt(7, 2, "b"u8, "2"u8);
        Should.Throw<ArgumentOutOfRangeException>(() => builder.AppendAt(7, 3, null, null));
        using var batch = builder.Close();
        batch.Header.LastOffsetDelta.ShouldBe(7);
        RecordAssertions.ReadAll(batch.Memory).Select(r => r.Offset).ShouldBe([2, 7]);
    }

    [Theory]
    [InlineData(CompressionType.Gzip, 10)]
    [InlineData(CompressionType.Snappy, 1)]
    [InlineData(CompressionType.Lz4, 13)]
    [InlineData(CompressionType.Zstd, 23)]
    public void Constructor_Throws_WhenTheLevelDoesNotExist(CompressionType type, int level) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new RecordBatchBuilder(type, level)).Message.ShouldContain("levels");

    [Fact]
    public void Append_AllocatesNothing_OnceTheBufferIsLargeEnough()
    {
        using var builder = new RecordBatchBuilder(initialCapacity: 1 << 20);
        var value = new byte[100];
        RecordHeader[] headers = [new("trace", new byte[16])];
        Fill(builder, value, headers);
        builder.Reset();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill(builder, value, headers);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        static void Fill(RecordBatchBuilder builder, byte[] value, RecordHeader[] headers)
        {
            for (var i = 0; i < 1000; i++)
            {
                builder.Append(i, "some-key"u8, value, headers);
                value.CopyTo(builder.AppendWithValueOf(i, null, value.Length));
                var writer = builder.BeginRecord(i, null);
                value.CopyTo(writer.GetSpan(value.Length));
                writer.Advance(value.Length);
                builder.EndRecord();
            }
        }
    }

    private static void WriteInPieces(IBufferWriter<byte> writer, byte[] value)
    {
        for (var position = 0; position < value.Length;)
        {
            var piece = Math.Min(997, value.Length - position);
            value.AsSpan(position, piece).CopyTo(writer.GetMemory(piece).Span);
            writer.Advance(piece);
            position += piece;
        }
    }
}
