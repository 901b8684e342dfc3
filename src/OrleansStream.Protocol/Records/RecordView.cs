namespace OrleansStream.Protocol.Records;

/// <summary>
/// A record where it lies in the buffer of its <see cref="RecordReader"/>: valid until that reader is opened on another
/// batch or disposed.
/// </summary>
public readonly ref struct RecordView
{
    private readonly ReadOnlySpan<byte> _records;
    private readonly int _position;
    private readonly int _headersPosition;
    private readonly int _headersSize;

    internal RecordView(
        ReadOnlySpan<byte> records,
        int position,
        long offset,
        long timestampMs,
        int keyPosition,
        int keyLength,
        int valuePosition,
        int valueLength,
        int headersPosition,
        int headersSize,
        int headerCount)
    {
        _records = records;
        _position = position;
        Offset = offset;
        TimestampMs = timestampMs;
        KeyPosition = keyPosition;
        KeyLength = keyLength;
        ValuePosition = valuePosition;
        ValueLength = valueLength;
        _headersPosition = headersPosition;
        _headersSize = headersSize;
        HeaderCount = headerCount;
    }

    /// <summary>The record's offset in its partition.</summary>
    public long Offset { get; }

    /// <summary>Unix milliseconds: the batch's append time with <see cref="TimestampType.LogAppendTime"/>, else the record's own; -1 for none.</summary>
    public long TimestampMs { get; }

    /// <summary>The key or null.</summary>
    public NullableSpan Key => KeyLength < 0 ? default : new NullableSpan(_records.Slice(KeyPosition, KeyLength));

    /// <summary>The value; null is a tombstone.</summary>
    public NullableSpan Value => ValueLength < 0 ? default : new NullableSpan(_records.Slice(ValuePosition, ValueLength));

    /// <summary>The number of headers.</summary>
    public int HeaderCount { get; }

    /// <summary>The headers, in order.</summary>
    public RecordHeaderCollection Headers => new(_records.Slice(_headersPosition, _headersSize), HeaderCount);

    /// <summary>All of the record as it lies in the batch, its length included.</summary>
    public ReadOnlySpan<byte> Encoded => _records[_position..(_headersPosition + _headersSize)];

    /// <summary>Where the key starts in <see cref="RecordReader.Records"/>.</summary>
    public int KeyPosition { get; }

    /// <summary>The key's length; -1 for null.</summary>
    public int KeyLength { get; }

    /// <summary>Where the value starts in <see cref="RecordReader.Records"/>.</summary>
    public int ValuePosition { get; }

    /// <summary>The value's length; -1 for null.</summary>
    public int ValueLength { get; }
}
