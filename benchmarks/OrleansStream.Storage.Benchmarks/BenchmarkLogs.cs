using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Storage.Benchmarks;

internal static class BenchmarkLogs
{
    public static LogEnvironment Environment(BenchmarkArguments arguments) => new(
        new LogEnvironmentOptions
        {
            PageBytes = arguments.Int("page", 64 * 1024),
            MinBufferBytes = Math.Max(256 * 1024, 4 * arguments.Int("page", 64 * 1024)),
            MaxBufferBytes = arguments.Int("buffer", 4 * 1024 * 1024),
            BufferBudgetBytes = 256L * 1024 * 1024,
        },
        TimeProvider.System,
        NullLoggerFactory.Instance);

    public static Task<PartitionLog> OpenAsync(LogEnvironment environment, string directory, int partition = 0) =>
        PartitionLog.OpenAsync(new PartitionLogOptions(
            PartitionDirectories.PathOf(directory, new TopicPartition("bench", partition)),
            new TopicPartition("bench", partition),
            Guid.Empty,
            LogConfig.Default,
            environment));

    /// <summary>A batch of about so many bytes, of records of 1 KiB where they fit.</summary>
    public static byte[] Batch(int bytes)
    {
        using var builder = new RecordBatchBuilder();
        var value = new byte[Math.Min(1024, Math.Max(1, bytes - 80))];
        new Random(1).NextBytes(value);
        while (builder.IsEmpty || builder.SizeInBytes + value.Length + 16 <= bytes)
        {
            builder.Append(1_700_000_000_000, default, value);
        }

        using var batch = builder.Close();
        return batch.Memory.ToArray();
    }
}
