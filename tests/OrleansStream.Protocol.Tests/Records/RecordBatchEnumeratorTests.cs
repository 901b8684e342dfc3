using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

public sealed class RecordBatchEnumeratorTests
{
    [Fact]
    public void MoveNext_GivesWholeBatchesOnly_AtEverySplitPoint()
    {
        var batches = ThreeBatches(out var ends);
        for (var length = 0; length <= batches.Length; length++)
        {
            var whole = ends.Count(end => end <= length);
            var enumerator = RecordBatch.Enumerate(batches.AsMemory(0, length));
            var offsets = new List<long>();
            while (enumerator.MoveNext())
            {
                offsets.Add(enumerator.Current.Header.BaseOffset);
                RecordBatch.VerifyCrc(enumerator.Current.Memory.Span).ShouldBeTrue();
            }

            offsets.ShouldBe(Enumerable.Range(0, whole).Select(i => i * 10L), $"{length} bytes");
            enumerator.BytesConsumed.ShouldBe(whole == 0 ? 0 : ends[whole - 1]);
            enumerator.RemainingBytes.ShouldBe(length - enumerator.BytesConsumed);
        }
    }

    [Fact]
    public void SpanEnumerator_GivesTheSame_AtEverySplitPoint()
    {
        var batches = ThreeBatches(out var ends);
        for (var length = 0; length <= batches.Length; length++)
        {
            var enumerator = RecordBatch.Enumerate(batches.AsSpan(0, length));
            var count = 0;
            while (enumerator.MoveNext())
            {
                enumerator.Current.BaseOffset.ShouldBe(count * 10L);
                enumerator.CurrentPosition.ShouldBe(count == 0 ? 0 : ends[count - 1]);
                enumerator.CurrentBatch.Length.ShouldBe(enumerator.Current.SizeInBytes);
                RecordBatch.VerifyCrc(enumerator.CurrentBatch).ShouldBeTrue();
                count++;
            }

            count.ShouldBe(ends.Count(end => end <= length), $"{length} bytes");
            enumerator.RemainingBytes.ShouldBe(length - enumerator.BytesConsumed);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(48)]
    [InlineData(int.MinValue)]
    public void MoveNext_Throws_WhenLengthIsImpossible(int batchLength)
    {
        var bytes = new ReferenceBatch { BatchLength = batchLength }.ToArray();
        var exception = Should.Throw<ProtocolException>(() => RecordBatch.Enumerate(bytes.AsMemory()).MoveNext());
        exception.ErrorCode.ShouldBe(ErrorCode.CorruptMessage);
        exception.Message.ShouldContain(batchLength.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void MoveNext_Throws_WhenBatchIsBeyondTheLimit()
    {
        // Without the limit, a reader would wait for a gigabyte that never comes.
        var bytes = new ReferenceBatch { BatchLength = 1 << 30 }.ToArray();
        RecordBatch.Enumerate(bytes.AsMemory()).MoveNext().ShouldBeFalse();
        Should.Throw<ProtocolException>(() => RecordBatch.Enumerate(bytes.AsMemory(), maxBatchBytes: 1000).MoveNext())
            .ErrorCode.ShouldBe(ErrorCode.MessageTooLarge);

        // More than a span can hold is never possible.
        bytes = new ReferenceBatch { BatchLength = int.MaxValue }.ToArray();
        Should.Throw<ProtocolException>(() => RecordBatch.Enumerate(bytes.AsMemory()).MoveNext())
            .ErrorCode.ShouldBe(ErrorCode.MessageTooLarge);
    }

    [Theory]
    [InlineData(0, ErrorCode.UnsupportedForMessageFormat)]
    [InlineData(1, ErrorCode.UnsupportedForMessageFormat)]
    [InlineData(3, ErrorCode.CorruptMessage)]
    [InlineData(-128, ErrorCode.CorruptMessage)]
    public void MoveNext_Throws_WhenMagicIsNotTwo(int magic, ErrorCode expected)
    {
        var bytes = new ReferenceBatch { Magic = (sbyte)magic }.ToArray();
        Should.Throw<ProtocolException>(() => RecordBatch.Enumerate(bytes.AsMemory()).MoveNext()).ErrorCode.ShouldBe(expected);
        Should.Throw<ProtocolException>(() => RecordBatch.Enumerate(bytes.AsSpan()).MoveNext()).ErrorCode.ShouldBe(expected);
    }

    private static byte[] ThreeBatches(out int[] ends)
    {
        var first = new ReferenceBatch { BaseOffset = 0, Records = { ReferenceRecord.Of(1, "a", "b") } }.ToArray();
        var second = new ReferenceBatch { BaseOffset = 10 }.ToArray();
        var third = new ReferenceBatch { BaseOffset = 20, Records = { ReferenceRecord.Of(1, null, "x"), ReferenceRecord.Of(2, null, null) } }.ToArray();
        ends = [first.Length, first.Length + second.Length, first.Length + second.Length + third.Length];
        return [.. first, .. second, .. third];
    }
}
