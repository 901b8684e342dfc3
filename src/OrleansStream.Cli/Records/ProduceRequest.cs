using OrleansStream.Client;

namespace OrleansStream.Cli.Records;

/// <summary>What <c>ostream produce</c> was asked to do.</summary>
internal sealed record ProduceRequest
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>What stands between key and value; null for records without key.</summary>
    public byte[]? KeySeparator { get; init; }

    /// <summary>The partition; null lets the partitioner choose.</summary>
    public int? Partition { get; init; }

    /// <summary>The headers of every record; null for none.</summary>
    public Headers? Headers { get; init; }

    /// <summary>When a record counts as delivered.</summary>
    public Acks Acks { get; init; } = Acks.All;

    /// <summary>How batches are compressed.</summary>
    public CompressionType Compression { get; init; }

    /// <summary>How long a batch waits for more; null for the client's default.</summary>
    public int? LingerMs { get; init; }

    /// <summary>The most bytes in a batch; null for the client's default.</summary>
    public int? BatchSize { get; init; }
}

/// <summary>What became of it.</summary>
/// <param name="Records">Records that were delivered.</param>
/// <param name="Bytes">Bytes of their lines without newlines.</param>
/// <param name="Elapsed">From the first line's read to the last delivery.</param>
/// <param name="Interrupted">Whether Ctrl-C ended it before the input did.</param>
internal sealed record ProduceOutcome(long Records, long Bytes, TimeSpan Elapsed, bool Interrupted);
