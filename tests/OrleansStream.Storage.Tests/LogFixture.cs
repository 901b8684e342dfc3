using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Tests;

/// <summary>A data directory of its own, an environment over it, and logs in it.</summary>
internal sealed class LogFixture : IAsyncDisposable
{
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    private static readonly Guid DefaultTopicId = new("6f1f4c46-8f5c-4a57-9a5c-0d3c1b2a9d11");

    public LogFixture(ILogFileSystem? fileSystem = null, LogEnvironmentOptions? options = null)
    {
        Root = Path.Combine(Path.GetTempPath(), "orleansstream-storage-tests", Guid.NewGuid().ToString("N"));
        Options = options ?? new LogEnvironmentOptions { PageBytes = 4096, MinBufferBytes = 64 * 1024, MaxBufferBytes = 256 * 1024, BufferBudgetBytes = 16 * 1024 * 1024 };
        FileSystem = fileSystem ?? PhysicalLogFileSystem.Instance;
        Environment = new LogEnvironment(Options, Time, NullLoggerFactory.Instance, FileSystem);
    }

    public string Root { get; }

    public TestTime Time { get; } = new();

    public LogEnvironmentOptions Options { get; }

    public ILogFileSystem FileSystem { get; }

    public LogEnvironment Environment { get; private set; }

    public static TopicPartition TopicPartition { get; } = new("orders", 3);

    public string Directory => PartitionDirectories.PathOf(Root, TopicPartition);

    public static LogConfig SmallSegments { get; } = LogConfig.Default with { SegmentBytes = 1 << 20 };

    public Task<PartitionLog> OpenAsync(LogConfig? config = null, Guid? topicId = null, TopicPartition? topicPartition = null, string? directory = null) =>
        PartitionLog.OpenAsync(
            new PartitionLogOptions(
                directory ?? Directory,
                topicPartition ?? TopicPartition,
                topicId ?? DefaultTopicId,
                config ?? SmallSegments,
                Environment),
            TestContext.Current.CancellationToken);

    /// <summary>A fresh environment over the same files, as after a restart of the process.</summary>
    public LogEnvironment NewEnvironment(ILogFileSystem? fileSystem = null) =>
        new(Options, Time, NullLoggerFactory.Instance, fileSystem ?? FileSystem);

    public async ValueTask DisposeAsync()
    {
        await Environment.DisposeAsync();
        if (System.IO.Directory.Exists(Root))
        {
            System.IO.Directory.Delete(Root, recursive: true);
        }
    }
}

internal static class LogAssertions
{
    /// <summary>Appends a batch at the end and returns what a reader is to see of it.</summary>
    public static byte[] AppendNext(this PartitionLog log, byte[] batch, int leaderEpoch = 0)
    {
        var offset = log.LogEndOffset;
        log.Append(batch, offset, leaderEpoch);
        return Batches.Stamp(batch, offset, leaderEpoch);
    }

    public static Task FlushAllAsync(this PartitionLog log) =>
        log.FlushAsync(log.LogEndOffset, CancellationToken.None).AsTask().WaitAsync(LogFixture.TimeLimit);

    /// <summary>Compares bytes and names the first difference instead of printing both.</summary>
    public static void ShouldBeBytes(this byte[] actual, byte[] expected, string? what = null)
    {
        var same = actual.AsSpan().CommonPrefixLength(expected);
        if (same < actual.Length || same < expected.Length)
        {
            throw new ShouldAssertException($"{what}: {actual.Length} bytes, expected {expected.Length}; they differ from byte {same} on");
        }
    }

    public static void ShouldBeBytes(this ReadOnlyMemory<byte> actual, byte[] expected, string? what = null) =>
        actual.ToArray().ShouldBeBytes(expected, what);

    /// <summary>Everything from an offset to the end, through as many reads as it takes.</summary>
    public static async Task<byte[]> ReadAllAsync(this PartitionLog log, long offset, int maxBytes = 1 << 20)
    {
        var all = new MemoryStream();
        while (true)
        {
            var result = await log.ReadAsync(offset, long.MaxValue, maxBytes, minOneMessage: true, CancellationToken.None);
            result.Status.ShouldBe(LogReadStatus.Ok);
            if (result.Records.Length == 0)
            {
                return all.ToArray();
            }

            all.Write(result.Records.Span);
            offset = Batches.Split(result.Records)[^1].Header.NextOffset;
        }
    }
}
