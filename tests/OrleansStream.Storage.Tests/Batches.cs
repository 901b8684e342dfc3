using System.Text;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Storage.Tests;

/// <summary>Record batches with known content.</summary>
internal static class Batches
{
    /// <summary>A batch of so many records; each value names the seed and the record.</summary>
    public static byte[] Make(int seed, int records = 1, int valueBytes = 20, long timestamp = 1_000, CompressionType compression = CompressionType.None)
    {
        using var builder = new RecordBatchBuilder(compression);
        for (var i = 0; i < records; i++)
        {
            var value = new byte[Math.Max(valueBytes, 1)];
            new Random(HashCode.Combine(seed, i)).NextBytes(value);
            builder.Append(timestamp + i, Encoding.UTF8.GetBytes($"{seed}/{i}"), value);
        }

        using var batch = builder.Close();
        return batch.Memory.ToArray();
    }

    /// <summary>The batch as the log returns it: stamped.</summary>
    public static byte[] Stamp(byte[] batch, long baseOffset, int leaderEpoch)
    {
        var stamped = batch.ToArray();
        RecordBatch.SetBaseOffset(stamped, baseOffset);
        RecordBatch.SetPartitionLeaderEpoch(stamped, leaderEpoch);
        return stamped;
    }

    /// <summary>Splits a read result.</summary>
    public static List<RecordBatch> Split(ReadOnlyMemory<byte> records)
    {
        var batches = new List<RecordBatch>();
        foreach (var batch in RecordBatch.Enumerate(records))
        {
            batches.Add(batch);
        }

        batches.Sum(batch => batch.Memory.Length).ShouldBe(records.Length, "a read returns whole batches");
        return batches;
    }
}
