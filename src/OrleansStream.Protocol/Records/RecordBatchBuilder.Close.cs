using OrleansStream.Protocol.Compression;

namespace OrleansStream.Protocol.Records;

/// <summary>The end of a batch.</summary>
public sealed partial class RecordBatchBuilder
{
    /// <summary>Completes a batch without a producer id. See <see cref="Close(ProducerSequence)"/>.</summary>
    public OwnedRecordBatch Close() => Close(ProducerSequence.None);

    /// <summary>
    /// Completes the batch: header, compression, CRC. The batch owns its buffer, and the builder is empty afterwards.
    /// </summary>
    /// <param name="producer">
    /// Who sends the batch; can be set again later (<see cref="OwnedRecordBatch.SetProducer"/>), for example on a retry
    /// under a new epoch.
    /// </param>
    /// <exception cref="InvalidOperationException">There is no record, or one that has not ended.</exception>
    /// <exception cref="CompressionUnavailableException">The library of the compression type is not installed; the records are kept.</exception>
    public OwnedRecordBatch Close(ProducerSequence producer)
    {
        if (_isWritingValue)
        {
            ThrowValueIsBeingWritten();
        }

        if (_isRewriting)
        {
            throw new InvalidOperationException("A batch is being rewritten: call CloseRewritten.");
        }

        if (_count == 0)
        {
            throw new InvalidOperationException("The batch has no records.");
        }

        var recordCount = _count;
        var header = new RecordBatchHeader
        {
            PartitionLeaderEpoch = -1,
            Magic = RecordBatchHeader.CurrentMagic,
            Attributes = Attributes,
            LastOffsetDelta = _lastOffsetDelta,
            BaseTimestamp = _baseTimestamp,
            MaxTimestamp = _maxTimestamp,
            ProducerId = producer.ProducerId,
            ProducerEpoch = producer.ProducerEpoch,
            BaseSequence = producer.BaseSequence,
            RecordCount = recordCount,
        };
        return Finish(header);
    }

    private OwnedRecordBatch Finish(in RecordBatchHeader header)
    {
        var (buffer, length) = _compressionType == CompressionType.None || _count == 0 ? DetachPlain() : Compress();
        (header with { BatchLength = length - RecordBatchHeader.LogOverhead }).Write(buffer);
        RecordBatch.RenewCrc(buffer.AsSpan(0, length));
        Reset();
        return new OwnedRecordBatch(buffer, length, header.RecordCount);
    }

    private short Attributes => (short)((int)_compressionType
        | (IsTransactional ? RecordBatchHeader.TransactionalBit : 0)
        | (IsControl ? RecordBatchHeader.ControlBit : 0));

    private (byte[] Buffer, int Length) DetachPlain()
    {
        var buffer = _buffer;
        _buffer = [];
        return (buffer, _position);
    }

    private (byte[] Buffer, int Length) Compress()
    {
        using var compressed = new PooledBufferWriter(RecordBatchHeader.Size + (_position / 2));
        compressed.GetSpan(RecordBatchHeader.Size);
        compressed.Advance(RecordBatchHeader.Size);
        var records = _buffer.AsSpan(RecordBatchHeader.Size, _position - RecordBatchHeader.Size);
        CompressionCodecs.Get(_compressionType).Compress(records, compressed, _compressionLevel);
        var length = compressed.WrittenCount;
        return (compressed.Detach(), length);
    }
}
