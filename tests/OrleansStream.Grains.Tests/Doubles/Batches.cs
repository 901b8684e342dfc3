using OrleansStream.Protocol.Records;

namespace OrleansStream.Grains.Tests.Doubles;

/// <summary>Record batches as a producer sends them.</summary>
internal static class Batches
{
    public static byte[] Of(int records = 1, long timestamp = 1_700_000_000_000, long producerId = -1, int sequence = -1, int valueSize = 10, CompressionType compression = CompressionType.None)
    {
        using var builder = new RecordBatchBuilder(compression);
        for (var i = 0; i < records; i++)
        {
            builder.Append(timestamp + i, "key"u8, new byte[valueSize].AsSpan());
        }

        using var batch = builder.Close(new ProducerSequence(producerId, producerId < 0 ? (short)-1 : (short)0, sequence));
        return batch.Memory.ToArray();
    }
}
