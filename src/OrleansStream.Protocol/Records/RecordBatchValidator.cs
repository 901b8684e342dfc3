using OrleansStream.Protocol.Compression;

namespace OrleansStream.Protocol.Records;

/// <summary>
/// The broker's check of a batch that a producer sends, before anything is appended. Stateless: leadership and sequence
/// numbers are judged elsewhere. The base offset and the leader epoch do not matter, since the broker stamps both.
/// </summary>
public static class RecordBatchValidator
{
    /// <summary>Judges a batch; never throws on account of its bytes.</summary>
    /// <param name="batch">Exactly one batch.</param>
    /// <param name="limits">What is accepted.</param>
    /// <param name="nowMs">The broker's time in Unix milliseconds.</param>
    /// <exception cref="CompressionUnavailableException">The batch must be looked into and the library for it is not installed.</exception>
    public static RecordBatchValidation Validate(ReadOnlySpan<byte> batch, RecordBatchLimits limits, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var framing = ValidateFraming(batch, limits.MaxMessageBytes, out var header);
        if (!framing.IsValid)
        {
            return new(framing, header, header.MaxTimestamp);
        }

        var result = ValidateHeader(in header, limits);
        if (!result.IsValid)
        {
            return new(result, header, header.MaxTimestamp);
        }

        var inspection = limits.RequireKeys ? RecordInspection.All : limits.Inspection;
        var isCompressed = header.CompressionType != CompressionType.None;
        if (inspection == RecordInspection.Header || (isCompressed && inspection == RecordInspection.Uncompressed))
        {
            // The base timestamp is a record's, so a maximum below it is wrong.
            return new(ValidateTimestamp(header.MaxTimestamp, limits, nowMs), header, Math.Max(header.MaxTimestamp, header.BaseTimestamp));
        }

        return Inspect(batch[RecordBatchHeader.Size..], in header, limits, nowMs);
    }

    private static ValidationResult ValidateFraming(ReadOnlySpan<byte> batch, int maxBatchBytes, out RecordBatchHeader header)
    {
        if (!RecordBatchHeader.TryRead(batch, out header))
        {
            return new(ErrorCode.CorruptMessage, $"The records have {batch.Length} bytes; a batch has at least {RecordBatchHeader.Size}.");
        }

        var framing = header.ValidateFraming(maxBatchBytes);
        if (!framing.IsValid)
        {
            return framing;
        }

        if (header.TotalSize < batch.Length)
        {
            return new(ErrorCode.InvalidRecord, $"The records have {batch.Length} bytes and the first batch {header.TotalSize}; exactly one batch is accepted.");
        }

        if (header.TotalSize > batch.Length)
        {
            return new(ErrorCode.CorruptMessage, $"The batch says that it has {header.TotalSize} bytes; {batch.Length} were sent.");
        }

        var computed = RecordBatch.ComputeCrc(batch);
        return computed != header.Crc
            ? new(ErrorCode.CorruptMessage, $"The batch has the CRC 0x{computed:x8}; it says 0x{header.Crc:x8}.")
            : ValidationResult.Valid;
    }

    private static ValidationResult ValidateHeader(in RecordBatchHeader header, RecordBatchLimits limits)
    {
        var general = (header with { BaseOffset = 0 }).Validate();
        if (!general.IsValid)
        {
            return general;
        }

        if (header.RecordCount == 0 || header.RecordCount - 1 != header.LastOffsetDelta)
        {
            return new(ErrorCode.InvalidRecord, $"The batch has {header.RecordCount} records and the last offset delta {header.LastOffsetDelta}; a producer sends at least one record and no gaps.");
        }

        if (header.IsControl && !limits.AllowControl)
        {
            return new(ErrorCode.InvalidRecord, "The batch holds control records, which clients may not write.");
        }

        if (header.HasProducerId && header.BaseSequence < 0 && !header.IsControl)
        {
            return new(ErrorCode.InvalidRecord, $"The batch of producer id {header.ProducerId} has the base sequence {header.BaseSequence}; it must not be negative.");
        }

        if (header.HasDeleteHorizon)
        {
            return new(ErrorCode.InvalidRecord, "The batch has a delete horizon, which only compaction sets.");
        }

        // A timestamp type of LogAppendTime is the broker's to set.
        return header.TimestampType == TimestampType.LogAppendTime
            ? new(ErrorCode.InvalidTimestamp, "The batch has the timestamp type LogAppendTime; producers send CreateTime.")
            : ValidationResult.Valid;
    }

    private static RecordBatchValidation Inspect(ReadOnlySpan<byte> records, in RecordBatchHeader header, RecordBatchLimits limits, long nowMs)
    {
        PooledBufferWriter? decompressed = null;
        try
        {
            if (header.CompressionType != CompressionType.None)
            {
                decompressed = new PooledBufferWriter(maxBytes: limits.DecompressionLimits.MaxBytesFor(records.Length));
                CompressionCodecs.Get(header.CompressionType).Decompress(records, decompressed);
                records = decompressed.WrittenSpan;
            }

            // The first wrong record says what is wrong; all of them are named, so that a producer can send the others again.
            var maxTimestamp = long.MinValue;
            var result = ValidationResult.Valid;
            List<int>? invalid = null;
            var parser = new RecordParser(header.RecordCount);
            while (parser.TryRead(records, in header, out var record))
            {
                maxTimestamp = Math.Max(maxTimestamp, record.TimestampMs);
                var judged = ValidateRecord(in record, in header, limits, nowMs);
                if (!judged.IsValid)
                {
                    result = result.IsValid ? judged : result;
                    (invalid ??= []).Add((int)(record.Offset - header.BaseOffset));
                }
            }

            return new(result, header, maxTimestamp, invalid);
        }
        catch (ProtocolException exception)
        {
            return new(new(exception.ErrorCode, exception.Message), header, header.MaxTimestamp);
        }
        finally
        {
            decompressed?.Dispose();
        }
    }

    private static ValidationResult ValidateRecord(in RecordView record, in RecordBatchHeader header, RecordBatchLimits limits, long nowMs)
    {
        // Offset deltas rise and end at the count less one (the header was checked), so they have no gaps.
        if (limits.RequireKeys && record.KeyLength < 0 && !header.IsControl)
        {
            return new(ErrorCode.InvalidRecord, $"The record with the offset delta {record.Offset - header.BaseOffset} has no key; a compacted topic needs one.");
        }

        return ValidateTimestamp(record.TimestampMs, limits, nowMs);
    }

    private static ValidationResult ValidateTimestamp(long timestampMs, RecordBatchLimits limits, long nowMs)
    {
        if (limits.TimestampType == TimestampType.LogAppendTime || timestampMs == -1)
        {
            return ValidationResult.Valid;
        }

        if (timestampMs < -1)
        {
            return new(ErrorCode.InvalidTimestamp, $"A record has the timestamp {timestampMs}; -1 (none) is the smallest.");
        }

        if (nowMs - timestampMs > limits.TimestampBeforeMaxMs || timestampMs - nowMs > limits.TimestampAfterMaxMs)
        {
            return new(
                ErrorCode.InvalidTimestamp,
                $"A record has the timestamp {timestampMs}; it must lie between {limits.TimestampBeforeMaxMs} ms before and {limits.TimestampAfterMaxMs} ms after the broker's time, {nowMs}.");
        }

        return ValidationResult.Valid;
    }
}
