namespace OrleansStream.Protocol.Records;

/// <summary>Walks over the plain records of a batch and checks them against its header.</summary>
internal struct RecordParser
{
    private int _position;
    private int _previousOffsetDelta;

    public RecordParser(int recordCount)
    {
        Remaining = recordCount;
        _previousOffsetDelta = -1;
    }

    /// <summary>The records that have not been read yet.</summary>
    public int Remaining { get; private set; }

    /// <summary>Reads the next record; false after the last one.</summary>
    /// <param name="records">All plain records of the batch.</param>
    /// <param name="header">The batch's header.</param>
    /// <param name="record">The record.</param>
    /// <exception cref="ProtocolException">The record is malformed, or bytes follow the last one.</exception>
    public bool TryRead(ReadOnlySpan<byte> records, in RecordBatchHeader header, out RecordView record)
    {
        if (Remaining == 0)
        {
            RequireEnd(records.Length, header.RecordCount);
            record = default;
            return false;
        }

        var start = _position;
        if (!VarInt.TryReadInt32(records[start..], out var size, out var sizeBytes) || (uint)size > (uint)(records.Length - start - sizeBytes))
        {
            ThrowBeyondBatch(size, header.RecordCount - Remaining, header.RecordCount);
        }

        start += sizeBytes;
        var fields = new RecordFieldReader(records.Slice(start, size));
        fields.ReadInt8("attributes");
        var timestampDelta = fields.ReadVarLong("timestamp delta");
        var offsetDelta = fields.ReadVarInt("offset delta");
        if (offsetDelta <= _previousOffsetDelta || offsetDelta > header.LastOffsetDelta)
        {
            ThrowOffsetDelta(offsetDelta, header.LastOffsetDelta);
        }

        var keyLength = fields.SkipNullable("key");
        var keyPosition = start + fields.Position - Math.Max(keyLength, 0);
        var valueLength = fields.SkipNullable("value");
        var valuePosition = start + fields.Position - Math.Max(valueLength, 0);
        var headerCount = fields.ReadVarInt("header count");
        var headersPosition = start + fields.Position;
        if (headerCount != 0)
        {
            SkipHeaders(ref fields, headerCount);
        }

        if (fields.Remaining != 0)
        {
            ThrowTrailingBytes(fields.Remaining);
        }

        var end = start + size;
        var timestampMs = header.TimestampType == TimestampType.LogAppendTime
            ? header.MaxTimestamp
            : unchecked(header.BaseTimestamp + timestampDelta);
        record = new RecordView(
            records, _position, header.BaseOffset + offsetDelta, timestampMs, keyPosition, keyLength, valuePosition, valueLength, headersPosition, end - headersPosition, headerCount);
        _position = end;
        _previousOffsetDelta = offsetDelta;
        Remaining--;
        if (Remaining == 0)
        {
            RequireEnd(records.Length, header.RecordCount);
        }

        return true;
    }

    private static void SkipHeaders(ref RecordFieldReader fields, int headerCount)
    {
        // A header takes at least two bytes.
        if (headerCount < 0 || headerCount > fields.Remaining / 2)
        {
            Malformed.Record($"A record has {headerCount} headers; 0 to {fields.Remaining / 2} are possible in what is left of it.");
        }

        for (var i = 0; i < headerCount; i++)
        {
            fields.ReadHeaderKey();
            fields.SkipNullable("header value");
        }
    }

    private readonly void RequireEnd(int length, int recordCount)
    {
        if (_position != length)
        {
            Malformed.Record($"{length - _position} bytes follow the last of the batch's {recordCount} records.");
        }
    }

    private static void ThrowBeyondBatch(int size, int index, int recordCount) =>
        Malformed.Record($"Record {index} of {recordCount} (size {size}) goes beyond the end of the batch.");

    private static void ThrowOffsetDelta(int offsetDelta, int lastOffsetDelta) =>
        Malformed.Record($"A record has the offset delta {offsetDelta}; it must be larger than that of the record before and at most {lastOffsetDelta}, the batch's last.");

    private static void ThrowTrailingBytes(int count) => Malformed.Record($"{count} bytes follow the last header of a record.");
}
