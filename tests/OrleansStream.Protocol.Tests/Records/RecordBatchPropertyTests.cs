using FsCheck;
using FsCheck.Fluent;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

public sealed class RecordBatchPropertyTests
{
    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void BuildThenRead_GivesTheSameRecords_ForAnyRecords(CompressionType type)
    {
        using var builder = new RecordBatchBuilder(type, initialCapacity: 64);
        using var reader = new RecordReader();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Records.ToArbitrary(), records =>
        {
            foreach (var record in records)
            {
                RecordAssertions.Append(builder, record);
            }

            using var batch = builder.Close();
            batch.Header.Validate().ThrowIfInvalid();
            batch.Header.RecordCount.ShouldBe(records.Count);
            batch.Header.MaxTimestamp.ShouldBe(records.Max(r => r.TimestampMs));
            var read = RecordAssertions.ReadAll(batch.Memory);
            read.Count.ShouldBe(records.Count);
            for (var i = 0; i < read.Count; i++)
            {
                read[i].Offset.ShouldBe(i);
                RecordAssertions.ShouldBeSame(read[i].Record, records[i]);
            }
        }));
    }

    [Fact]
    public void Close_GivesTheReferencesBytes_ForAnyRecords()
    {
        using var builder = new RecordBatchBuilder(initialCapacity: 64);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Records.ToArbitrary(), records =>
        {
            var reference = new ReferenceBatch();
            reference.Records.AddRange(records);
            foreach (var record in records)
            {
                RecordAssertions.Append(builder, record);
            }

            using var batch = builder.Close();
            batch.Memory.Span.SequenceEqual(reference.ToArray()).ShouldBeTrue();
        }));
    }

    [Fact]
    public void Read_GivesAResultOrProtocolException_ForAnyBytesBehindAValidHeader() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll<byte[], short, int>((body, attributes, count) =>
        {
            var batch = new ReferenceBatch { Body = body, Attributes = (short)(attributes & 0x7), RecordCount = count & 3, LastOffsetDelta = 5 }.ToArray();
            try
            {
                RecordAssertions.ReadAll(batch);
            }
            catch (ProtocolException)
            {
                // An orderly refusal.
            }
        }));

    private static Gen<List<ReferenceRecord>> Records
    {
        get
        {
            // Empty, short, around the widths of a length's varint, and long.
            var bytes = Gen.Frequency(
                (2, Gen.Constant<byte[]?>(null)),
                (1, Gen.Constant<byte[]?>([])),
                (6, ArbMap.Default.GeneratorFor<byte[]>().Select(b => (byte[]?)b)),
                (1, Gen.Elements(62, 63, 64, 65, 8190, 8192, 40_000).Select(n => (byte[]?)[.. Enumerable.Range(0, n).Select(i => (byte)(i * 7))])));
            var timestamp = Gen.Frequency(
                (5, Gen.Choose(-100_000, 100_000).Select(d => 1_700_000_000_000L + d)),
                (1, Gen.Elements(-1L, 0L, long.MaxValue, long.MinValue, 1L << 40)));
            var header =
                from key in Gen.Elements(string.Empty, "h", "traceparent", "заголовок", "見出し", "👍")
                from value in bytes
                select (key, value);
            var record =
                from time in timestamp
                from key in bytes
                from value in bytes
                from headers in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 5))).SelectMany(n => header.ArrayOf(n))
                select new ReferenceRecord(time, key, value, headers);
            return Gen.Frequency((5, Gen.Choose(1, 10)), (1, Gen.Choose(60, 200))).SelectMany(n => record.ArrayOf(n)).Select(r => r.ToList());
        }
    }
}
