using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

public sealed class RecordBatchCorruptionTests
{
    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void Read_NeverGivesAWrongRecord_WhenAnyBitIsFlipped(CompressionType type)
    {
        var batch = Sample(type);
        for (var bit = 0; bit < batch.Length * 8; bit++)
        {
            var flipped = (byte[])batch.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var position = bit / 8;
            if (position is < 8 or (>= 12 and < 16))
            {
                // Base offset and leader epoch lie outside the CRC, so that the broker can stamp them.
                continue;
            }

            Should.Throw<ProtocolException>(() => RecordAssertions.ReadAll(flipped), $"bit {bit}");
            RecordBatchValidator.Validate(flipped, RecordBatchLimits.Default, nowMs: 1000).IsValid.ShouldBeFalse($"bit {bit}");
        }
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void Read_FailsInAnOrderlyWay_WhenABitIsFlippedAndTheCrcFitsAgain(CompressionType type)
    {
        // What a hostile or broken producer can send: everything but ProtocolException would be a fault of ours.
        var batch = Sample(type);
        for (var bit = 21 * 8; bit < batch.Length * 8; bit++)
        {
            var flipped = (byte[])batch.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            RecordBatch.RenewCrc(flipped);
            try
            {
                RecordAssertions.ReadAll(flipped).Count.ShouldBeLessThanOrEqualTo(2);
            }
            catch (ProtocolException exception)
            {
                exception.Message.ShouldNotBeNullOrWhiteSpace();
            }
        }
    }

    private static byte[] Sample(CompressionType type)
    {
        using var builder = new RecordBatchBuilder(type);
        builder.Append(1000, "key"u8, "value value value value"u8, [new RecordHeader("h", new byte[] { 1 })]);
        builder.Append(999, null, "value"u8);
        using var batch = builder.Close(new ProducerSequence(5, 0, 0));
        return batch.Memory.ToArray();
    }
}
