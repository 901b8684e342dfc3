namespace OrleansStream.Storage;

/// <summary>What all logs of a process share.</summary>
public sealed record LogEnvironmentOptions
{
    /// <summary>
    /// The memory that the buffers of all active logs may take together. A log that becomes active gets a share of what is
    /// left; when nothing is left, logs whose data is flushed give theirs back, and beyond that each active log still gets
    /// <see cref="MinBufferBytes"/>. Default 256 MiB.
    /// </summary>
    public long BufferBudgetBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>The largest buffer of one log unless a single batch needs more; a power of two. Default 4 MiB.</summary>
    public int MaxBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>The smallest buffer of an active log; a power of two, at least four pages. Default 256 KiB.</summary>
    public int MinBufferBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// The memory for what all logs together have read ahead for consumers that go through them; 0 turns it off. One such
    /// consumer takes up to 4 MiB per partition, twice for a moment. Default 64 MiB.
    /// </summary>
    public long ReadAheadBudgetBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>The page size of new logs; a power of two. Default 64 KiB. Existing logs keep theirs.</summary>
    public int PageBytes { get; init; } = 64 * 1024;

    /// <summary>The threads that write to disk, started as needed. Default 8.</summary>
    public int FlushThreads { get; init; } = 8;

    /// <summary>How many logs are opened, scanned or read from disk at the same time. Default: four per processor.</summary>
    public int MaxConcurrentReads { get; init; } = Math.Max(4, Environment.ProcessorCount * 4);

    /// <summary>How many segment files are kept open for reading. Default 512.</summary>
    public int MaxOpenReadFiles { get; init; } = 512;

    /// <summary>A log without appends for so long gives its buffer back. Default 10 s.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A log with new data writes a checkpoint when it has been quiet for so long. Default 3 s.</summary>
    public TimeSpan QuietCheckpointTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A log that never is quiet writes a checkpoint so often: what a recovery has to scan. Default 10 s.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is wrong; the message names it and the rule.</exception>
    public void Validate()
    {
        Require(IsPowerOfTwo(PageBytes) && PageBytes is >= 4096 and <= 4 * 1024 * 1024, nameof(PageBytes), PageBytes, "a power of two from 4096 to 4194304");
        Require(IsPowerOfTwo(MinBufferBytes) && MinBufferBytes >= 4L * PageBytes, nameof(MinBufferBytes), MinBufferBytes, "a power of two of at least four pages");
        Require(IsPowerOfTwo(MaxBufferBytes) && MaxBufferBytes >= MinBufferBytes, nameof(MaxBufferBytes), MaxBufferBytes, $"a power of two not below {nameof(MinBufferBytes)}");
        Require(BufferBudgetBytes >= MinBufferBytes, nameof(BufferBudgetBytes), BufferBudgetBytes, $"not below {nameof(MinBufferBytes)}");
        Require(ReadAheadBudgetBytes >= 0, nameof(ReadAheadBudgetBytes), ReadAheadBudgetBytes, "not negative");
        Require(FlushThreads >= 1, nameof(FlushThreads), FlushThreads, "at least 1");
        Require(MaxConcurrentReads >= 1, nameof(MaxConcurrentReads), MaxConcurrentReads, "at least 1");
        Require(MaxOpenReadFiles >= 1, nameof(MaxOpenReadFiles), MaxOpenReadFiles, "at least 1");
        Require(IdleTime > TimeSpan.Zero, nameof(IdleTime), IdleTime, "positive");
        Require(QuietCheckpointTime > TimeSpan.Zero, nameof(QuietCheckpointTime), QuietCheckpointTime, "positive");
        Require(CheckpointInterval > TimeSpan.Zero, nameof(CheckpointInterval), CheckpointInterval, "positive");
    }

    private static bool IsPowerOfTwo(int value) => System.Numerics.BitOperations.IsPow2(value);

    private static void Require(bool isRight, string name, object value, string rule)
    {
        if (!isRight)
        {
            throw new ArgumentException($"{name} is {value}; it must be {rule}.", name);
        }
    }
}
