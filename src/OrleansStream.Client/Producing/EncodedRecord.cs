using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>A serialized record on its way into a batch.</summary>
internal readonly ref struct EncodedRecord
{
    public EncodedRecord(long timestampMs, NullableSpan key, NullableSpan value, ReadOnlySpan<RecordHeader> headers)
    {
        TimestampMs = timestampMs;
        Key = key;
        Value = value;
        Headers = headers;
    }

    public long TimestampMs { get; }

    public NullableSpan Key { get; }

    public NullableSpan Value { get; }

    public ReadOnlySpan<RecordHeader> Headers { get; }

    /// <summary>An upper bound of what the record takes in a batch.</summary>
    public long MaxSize => RecordBatchBuilder.MaxSizeOf(Key.Length, Value.Length, Headers);

    /// <summary>What the record takes as a batch of its own, before compression.</summary>
    public long SizeAlone()
    {
        using var builder = new RecordBatchBuilder(initialCapacity: RecordBatchHeader.Size);
        builder.Append(TimestampMs, Key, Value, Headers);
        return builder.SizeInBytes;
    }
}
