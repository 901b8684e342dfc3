using System.Text;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Cluster.Tests.Clusters;

/// <summary>Record batches as a producer sends them.</summary>
internal static class Batches
{
    public static byte[] Of(params string[] values) => Of(-1, -1, values);

    public static byte[] Of(long producerId, int sequence, params string[] values)
    {
        using var builder = new RecordBatchBuilder();
        foreach (var value in values)
        {
            builder.Append(1_700_000_000_000, "key"u8, Encoding.UTF8.GetBytes(value));
        }

        using var batch = builder.Close(new ProducerSequence(producerId, producerId < 0 ? (short)-1 : (short)0, sequence));
        return batch.Memory.ToArray();
    }
}
