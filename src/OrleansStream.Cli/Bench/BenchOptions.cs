using OrleansStream.Client;

namespace OrleansStream.Cli.Bench;

/// <summary>What a measurement was asked for.</summary>
internal sealed record BenchOptions
{
    /// <summary>More than a batch of one record adds to its value.</summary>
    private const int RecordOverheadBytes = 1024;

    /// <summary>The topic.</summary>
    public string Topic { get; init; } = "";

    /// <summary>The number of records; null for as many as the time or the topic gives.</summary>
    public long? Records { get; init; }

    /// <summary>Bytes of a record's value.</summary>
    public int Size { get; init; }

    /// <summary>The number of partitions of a topic that has to be created; null for the broker's default.</summary>
    public int? Partitions { get; init; }

    /// <summary>When a record counts as delivered.</summary>
    public Acks Acks { get; init; } = Acks.All;

    /// <summary>How batches are compressed.</summary>
    public CompressionType Compression { get; init; }

    /// <summary>How long a batch waits for more; null for the client's default.</summary>
    public int? LingerMs { get; init; }

    /// <summary>The most bytes in a batch; null for the client's default.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Records a second; null for as many as are taken.</summary>
    public int? Rate { get; init; }

    /// <summary>How long to send; null for until <see cref="Records"/> are sent.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Records that are sent first and not counted, so that both sides run compiled code.</summary>
    public int Warmup { get; init; }

    /// <summary>The broker's process id, where the caller knows better.</summary>
    public int? BrokerPid { get; init; }

    /// <summary>Applies what concerns a producer.</summary>
    public void Configure(ProducerOptions options)
    {
        options.Acks = Acks;
        options.Compression = Compression;
        options.LingerMs = LingerMs ?? options.LingerMs;
        options.BatchSize = BatchSize ?? options.BatchSize;
        options.MaxRecordBytes = Math.Clamp(Size + RecordOverheadBytes, options.MaxRecordBytes, ProducerOptionsValidator.MaxBatchSize);
        options.PropagateTraceContext = false;
    }
}
