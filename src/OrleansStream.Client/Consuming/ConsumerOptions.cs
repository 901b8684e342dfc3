namespace OrleansStream.Client;

/// <summary>How a consumer works. Kafka's key stands with each option.</summary>
public partial class ConsumerOptions
{
    /// <summary>
    /// What to do when the wanted offset is not there, because retention removed it or the log is shorter
    /// (<c>auto.offset.reset</c>). Default <see cref="AutoOffsetReset.Earliest"/>, with a warning in the log: Kafka's
    /// default, the end, would skip records silently.
    /// </summary>
    public AutoOffsetReset AutoOffsetReset { get; set; } = AutoOffsetReset.Earliest;

    /// <summary>Which records are wanted (<c>isolation.level</c>). Default: everything below the high watermark.</summary>
    public IsolationLevel IsolationLevel { get; set; } = IsolationLevel.ReadUncommitted;

    /// <summary>
    /// The most bytes that are fetched ahead of the reader over all partitions. The next fetch is under way while records
    /// are handed out, as long as what it may bring fits. Default 64 MiB. A single batch larger than it is still fetched.
    /// </summary>
    public long MaxPrefetchBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>The most bytes in one answer of a broker (<c>fetch.max.bytes</c>). Default 16 MiB.</summary>
    public int FetchMaxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>The most bytes of one partition in one answer (<c>max.partition.fetch.bytes</c>). Default 4 MiB.</summary>
    public int MaxPartitionFetchBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>A broker answers as soon as it has so many bytes (<c>fetch.min.bytes</c>). Default 1.</summary>
    public int FetchMinBytes { get; set; } = 1;

    /// <summary>A broker answers after so long even with less (<c>fetch.max.wait.ms</c>), in milliseconds. Default 500.</summary>
    public int FetchMaxWaitMs { get; set; } = 500;

    /// <summary>How long a request may take beyond <see cref="FetchMaxWaitMs"/> (<c>request.timeout.ms</c>). Default 30 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a topic or partition that is not there is looked for before it is reported. Default 5 s. A partition
    /// without leader or a broker that is away is waited for without end.
    /// </summary>
    public TimeSpan UnknownTopicTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The wait before the first retry; it doubles from there, with jitter (<c>retry.backoff.ms</c>). Default 50 ms.</summary>
    public TimeSpan RetryBackoff { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait between retries (<c>retry.backoff.max.ms</c>). Default 1 s.</summary>
    public TimeSpan RetryBackoffMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the CRC of every batch is checked (<c>check.crcs</c>). Default true.</summary>
    public bool CheckCrcs { get; set; } = true;
}
