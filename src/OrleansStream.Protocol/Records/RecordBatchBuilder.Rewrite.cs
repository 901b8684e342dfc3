using OrleansStream.Protocol.Compression;

namespace OrleansStream.Protocol.Records;

/// <summary>A batch in place of another one, as compaction writes it: fewer records under the same header.</summary>
public sealed partial class RecordBatchBuilder
{
    private bool _isRewriting;
    private bool _isBaseTimestampKept;
    private RecordBatchHeader _original;

    /// <summary>
    /// Starts a batch that takes the place of another. Records are added with <see cref="AppendRewritten"/>, and
    /// <see cref="CloseRewritten"/> completes it; whatever the builder held is dropped.
    /// </summary>
    /// <param name="original">The header of the batch that is replaced.</param>
    /// <param name="deleteHorizonMs">
    /// The time from which tombstones and markers of the batch may be removed (KIP-534), Unix milliseconds; null leaves the
    /// batch without one, or with the one that it has.
    /// </param>
    public void BeginRewrite(in RecordBatchHeader original, long? deleteHorizonMs = null)
    {
        Reset();
        _isRewriting = true;
        _original = deleteHorizonMs is null
            ? original
            : original with { Attributes = (short)(original.Attributes | RecordBatchHeader.DeleteHorizonBit) };
        _baseTimestamp = deleteHorizonMs ?? original.BaseTimestamp;
        _isBaseTimestampKept = _baseTimestamp == original.BaseTimestamp;
    }

    /// <summary>Appends a record of the batch that is replaced, at its own offset and with its own timestamp.</summary>
    /// <exception cref="InvalidOperationException">No rewrite has begun.</exception>
    public void AppendRewritten(in RecordView record)
    {
        if (!_isRewriting)
        {
            throw new InvalidOperationException("No batch is being rewritten: call BeginRewrite first.");
        }

        var offsetDelta = checked((int)(record.Offset - _original.BaseOffset));
        if (!_isBaseTimestampKept)
        {
            AppendAt(offsetDelta, record.TimestampMs, record.Key, record.Value, record.Headers.ToArray());
            return;
        }

        // Offset and timestamp count from the same bases, so the record's bytes are right as they are.
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(offsetDelta, _lastOffsetDelta);
        var encoded = record.Encoded;
        EnsureRoom(encoded.Length);
        encoded.CopyTo(_buffer.AsSpan(_position));
        _position += encoded.Length;
        RecordAppended(record.TimestampMs, offsetDelta);
    }

    /// <summary>
    /// Completes the batch under the original's header: base offset, last offset delta, leader epoch, producer id, epoch and
    /// sequence, flags. Only the size, the number of records, the codec (the builder's) and, with timestamps of the
    /// producer, the largest timestamp are its own. Without records it is the header alone, which keeps a producer's place in its sequence.
    /// </summary>
    /// <exception cref="InvalidOperationException">No rewrite has begun.</exception>
    /// <exception cref="CompressionUnavailableException">The library of the compression type is not installed.</exception>
    public OwnedRecordBatch CloseRewritten()
    {
        if (!_isRewriting)
        {
            throw new InvalidOperationException("No batch is being rewritten: call BeginRewrite first.");
        }

        var flags = _original.Attributes & ~RecordBatchHeader.CompressionMask;
        if (_count == 0)
        {
            EnsureRoom(0);
            return Finish(_original with
            {
                Attributes = (short)(flags & ~RecordBatchHeader.DeleteHorizonBit),
                BaseTimestamp = -1,
                RecordCount = 0,
            });
        }

        return Finish(_original with
        {
            Attributes = (short)(flags | (int)_compressionType),
            BaseTimestamp = _baseTimestamp,
            MaxTimestamp = _original.TimestampType == TimestampType.LogAppendTime ? _original.MaxTimestamp : _maxTimestamp,
            RecordCount = _count,
        });
    }
}
