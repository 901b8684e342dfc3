using OrleansStream.Protocol.Records;

namespace OrleansStream.Storage.CrashWriter;

/// <summary>Batches whose content follows from a number, so that whoever knows the number can check the bytes.</summary>
public static class CrashRecords
{
    /// <summary>The logs that the writer writes to.</summary>
    public const int Partitions = 3;

    /// <summary>Makes the batch of a number: one to five records, mostly small, sometimes over several pages.</summary>
    public static byte[] Make(int number)
    {
        var random = new Random(number);
        using var builder = new RecordBatchBuilder();
        var records = random.Next(1, 6);
        for (var i = 0; i < records; i++)
        {
            var value = new byte[random.Next(20) == 0 ? random.Next(100_000) : random.Next(1, 2_000)];
            random.NextBytes(value);
            builder.Append(number, BitConverter.GetBytes(number), value);
        }

        using var batch = builder.Close();
        return batch.Memory.ToArray();
    }

    /// <summary>What a partition's log is opened with.</summary>
    public static PartitionLogOptions Options(string dataDirectory, int partition, LogEnvironment environment)
    {
        var topicPartition = new TopicPartition("crash", partition);
        return new PartitionLogOptions(
            PartitionDirectories.PathOf(dataDirectory, topicPartition),
            topicPartition,
            Guid.Empty,
            LogConfig.Default with { SegmentBytes = 1 << 20 },
            environment);
    }
}
