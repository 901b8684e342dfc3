using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>One record as a consumer gets it.</summary>
/// <typeparam name="TKey">The key's type.</typeparam>
/// <typeparam name="TValue">The value's type.</typeparam>
/// <remarks>
/// Memory in it (raw keys and values) belongs to the record for good: nothing else writes to it, and it keeps the whole
/// fetched chunk alive for as long as it is referenced; copy what is kept for long.
/// </remarks>
public readonly record struct ConsumeResult<TKey, TValue>
{
    private readonly RecordHeader[]? _headers;

    /// <summary>The partition it comes from.</summary>
    public required TopicPartition TopicPartition { get; init; }

    /// <summary>Its offset.</summary>
    public required long Offset { get; init; }

    /// <summary>Its timestamp in Unix milliseconds; -1 for none.</summary>
    public required long TimestampMs { get; init; }

    /// <summary>The key; null (default) when the record has none.</summary>
    public TKey? Key { get; init; }

    /// <summary>The value; null (default) when the record has none: a tombstone.</summary>
    public TValue? Value { get; init; }

    /// <summary>The headers in the record's order; empty for none.</summary>
    public IReadOnlyList<RecordHeader> Headers => _headers ?? [];

    /// <summary>What the timestamp means.</summary>
    public TimestampType TimestampType { get; init; }

    /// <summary>The epoch of the leader that took the record; -1 if unknown (KIP-101).</summary>
    public int LeaderEpoch { get; init; }

    /// <summary>The topic.</summary>
    public string Topic => TopicPartition.Topic;

    /// <summary>The partition's number.</summary>
    public int Partition => TopicPartition.Partition;

    /// <summary>The timestamp; the start of 1970 for none.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(TimestampMs, 0));

    internal RecordHeader[]? RawHeaders
    {
        init => _headers = value;
    }
}
