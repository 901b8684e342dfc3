using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Buffers;
using OrleansStream.Storage.Entries;

namespace OrleansStream.Storage;

/// <content>Appending.</content>
public sealed partial class PartitionLog
{
    private long _lastAppend;

    /// <summary>When the log was last appended to, as a timestamp of the environment's clock.</summary>
    internal long LastAppendTimestamp => Volatile.Read(ref _lastAppend);

    /// <inheritdoc/>
    public long Append(ReadOnlyMemory<byte> batch, long baseOffset, int leaderEpoch)
    {
        var header = CheckBatch(batch.Span);
        long end;
        while (true)
        {
            long progress;
            lock (_gate)
            {
                ThrowIfUnusable();
                CheckOrder(baseOffset, leaderEpoch);
                progress = _progress.Current;
                var buffer = BufferFor(batch.Length);
                if (buffer is not null)
                {
                    end = AppendBatch(buffer, batch, header, baseOffset, leaderEpoch);
                    break;
                }
            }

            // Only callers that did not wait for room come here: they wait for the disk.
            ScheduleFlush();
            _progress.Wait(progress);
        }

        ScheduleFlushAfterAppend();
        return end;
    }

    private static RecordBatchHeader CheckBatch(ReadOnlySpan<byte> batch)
    {
        if (!RecordBatchHeader.TryRead(batch, out var header)
            || header.Magic != RecordBatchHeader.CurrentMagic
            || header.TotalSize != batch.Length
            || header.LastOffsetDelta < 0)
        {
            throw new ArgumentException($"{batch.Length} bytes are not exactly one RecordBatch v2.", nameof(batch));
        }

        return header;
    }

    private void CheckOrder(long baseOffset, int leaderEpoch)
    {
        if (baseOffset < _logEnd)
        {
            throw new ArgumentOutOfRangeException(nameof(baseOffset), baseOffset, $"{TopicPartition} ends at offset {_logEnd}; a batch cannot start before it.");
        }

        if (leaderEpoch < _epochs.Latest)
        {
            throw new ArgumentOutOfRangeException(nameof(leaderEpoch), leaderEpoch, $"{TopicPartition} has records of leader epoch {_epochs.Latest}; an older epoch cannot follow.");
        }
    }

    private long AppendBatch(TailBuffer buffer, ReadOnlyMemory<byte> batch, in RecordBatchHeader header, long baseOffset, int leaderEpoch)
    {
        var address = 0L;
        var appended = 0;
        while (appended < batch.Length)
        {
            var remaining = batch.Length - appended;
            var at = buffer.NextAddress(EntryHeader.AllocationFor(Math.Min(remaining, EntryHeader.MinPiece)));
            var piece = Math.Min(remaining, EntryHeader.PayloadIn((int)(_files.Geometry.PageEnd(at) - at)));
            var isFirst = appended == 0;
            var entry = NextHeader(isFirst ? EntryKind.Batch : EntryKind.Continuation, at, batch.Length);
            AppendEntry(buffer, new BatchPiece(entry, batch.Slice(appended, piece), baseOffset, leaderEpoch), at);
            if (isFirst)
            {
                address = at;
            }

            appended += piece;
        }

        _tail = buffer.TailAddress;
        Volatile.Write(ref _lastAppend, _environment.Time.GetTimestamp());
        NoteInActiveSegment(address, (int)(_tail - address));
        ApplyBatch(address, baseOffset, baseOffset + header.LastOffsetDelta, header.MaxTimestamp, leaderEpoch);
        return _logEnd;
    }

    /// <summary>Appends a truncation marker; false if the buffer has no room for it.</summary>
    private bool TryAppendMarker(EntryKind kind, byte[] payload)
    {
        var buffer = BufferFor(payload.Length);
        if (buffer is null)
        {
            return false;
        }

        var at = buffer.NextAddress(EntryHeader.AllocationFor(payload.Length));
        AppendEntry(buffer, new MarkerEntry(NextHeader(kind, at, payload.Length), payload), at);
        _tail = buffer.TailAddress;
        Volatile.Write(ref _lastAppend, _environment.Time.GetTimestamp());
        return true;
    }

    private void AppendEntry<TEntry>(TailBuffer buffer, TEntry entry, long at)
        where TEntry : struct, IPageEntry
    {
        try
        {
            buffer.Append(entry, at);
            _previousEntry = at;
        }
        catch (Exception exception)
        {
            // FASTER refuses appends with several exception types once a write has failed, and a batch may be half there.
            throw GoOffline("appending", exception);
        }
    }

    private EntryHeader NextHeader(EntryKind kind, long at, int totalSize) => new(
        kind,
        PreviousDistance: _previousEntry < 0 ? 0 : (uint)Math.Min(uint.MaxValue, at - _previousEntry),
        UndurableDistance: (uint)Math.Min(uint.MaxValue, at - _flushedAddress),
        totalSize);

    /// <summary>Takes a batch that is in the log, from an append or a scan, into the state in memory.</summary>
    private void ApplyBatch(long address, long baseOffset, long lastOffset, long maxTimestamp, int leaderEpoch)
    {
        _index.Append(baseOffset, address, maxTimestamp, _config.IndexIntervalBytes, _startBlock);
        _startBlock = false;
        if (leaderEpoch > _epochs.Latest)
        {
            _epochs.Append(leaderEpoch, baseOffset);
            Volatile.Write(ref _latestEpoch, leaderEpoch);
        }

        if (maxTimestamp > _maxTimestampSinceSwap.Timestamp)
        {
            _maxTimestampSinceSwap = (maxTimestamp, lastOffset);
        }

        if (maxTimestamp > _maxTimestamp)
        {
            _maxTimestamp = maxTimestamp;
            _maxTimestampOffset = lastOffset;
        }

        Volatile.Write(ref _logEnd, lastOffset + 1);
    }

    /// <summary>
    /// The buffer, opened if need be, if it has room for so many bytes now. Null: the caller has to wait for a flush.
    /// </summary>
    private TailBuffer? BufferFor(int bytes)
    {
        var raw = EntryParser.RawBytesFor(_files.Geometry, bytes);
        if (_buffer is { } buffer)
        {
            if (buffer.HasRoomUntil(_tail + raw))
            {
                return buffer;
            }

            var fitsWhenEmpty = raw + (2 * _files.Geometry.PageBytes) <= buffer.BufferBytes;
            if (fitsWhenEmpty || !CanReleaseBuffer)
            {
                return null;
            }

            ReleaseBuffer();
        }

        return OpenBuffer(raw);
    }

    private TailBuffer OpenBuffer(int rawBytes)
    {
        if (_environment.Budget.IsExhausted)
        {
            _environment.ReclaimBuffers(this);
        }

        var size = _environment.Budget.Lease(rawBytes + (2 * _files.Geometry.PageBytes));
        try
        {
            var begin = _files.Geometry.FirstEntryOf(_files.Geometry.SegmentOf(_tail));
            _buffer = TailBuffer.Open(_files, begin, _tail, size, OnWriteQueued);
        }
        catch (Exception exception)
        {
            _environment.Budget.Return(size);
            throw GoOffline("opening the tail", exception);
        }

        // The first batch in memory gets a block of its own, so that reads at the tail never start below the memory.
        _startBlock = true;
        Volatile.Write(ref _lastAppend, _environment.Time.GetTimestamp());
        _environment.NoteActive(this);
        return _buffer;
    }
}
