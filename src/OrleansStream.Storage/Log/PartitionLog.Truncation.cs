using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Reading;

namespace OrleansStream.Storage;

/// <content>
/// Truncation at both ends. FASTER's log only grows, so both are entries that say what no longer counts; the segments at
/// the head are deleted once the entry and a checkpoint are on disk.
/// </content>
public sealed partial class PartitionLog
{
    /// <inheritdoc/>
    public async ValueTask TruncateHeadAsync(long offset, CancellationToken cancellationToken)
    {
        long address;

        // The largest timestamp from the new start up to an offset.
        (long Timestamp, long Offset) max = (-1, -1);
        var maxKnownUntil = offset;
        var tailTruncations = -1;
        while (true)
        {
            long progress;
            long end;
            lock (_gate)
            {
                ThrowIfUnusable();
                if (offset <= _logStart)
                {
                    return;
                }

                progress = _progress.Current;
                end = _logEnd;
                if (offset >= end || tailTruncations != _tailTruncations)
                {
                    (max, maxKnownUntil, tailTruncations) = ((-1, -1), offset, _tailTruncations);
                }

                if (offset < end && _maxTimestampOffset >= offset)
                {
                    (max, maxKnownUntil) = ((_maxTimestamp, _maxTimestampOffset), end);
                }

                if (maxKnownUntil >= end)
                {
                    var payload = new byte[HeadTruncation.Size];
                    var truncation = new HeadTruncation(offset, max.Timestamp, max.Offset);
                    truncation.Write(payload);
                    if (TryAppendMarker(EntryKind.HeadTruncation, payload))
                    {
                        Apply(truncation);
                        address = _tail;
                        break;
                    }
                }
            }

            if (maxKnownUntil < end)
            {
                // The batch with the largest timestamp goes: another one has it now. What is appended meanwhile is looked at
                // in the next round, so that the rounds become short however fast the log grows.
                var found = await MaxTimestampBetweenAsync(maxKnownUntil, end, cancellationToken);
                max = found.Timestamp > max.Timestamp ? found : max;
                maxKnownUntil = end;
                continue;
            }

            ScheduleFlush();
            await Task.Run(() => _progress.Wait(progress), cancellationToken);
        }

        ScheduleFlush();
        await FlushToAddressAsync(address, cancellationToken);
        await FreeSegmentsAsync();
    }

    /// <inheritdoc/>
    public async ValueTask TruncateTailAsync(long offset, CancellationToken cancellationToken)
    {
        // No compacted part may take its place, and no checkpoint be written, between the marker and the part's own cut.
        await _checkpointGate.WaitAsync(cancellationToken);
        try
        {
            await TruncateTailCoreAsync(offset, cancellationToken);
        }
        finally
        {
            _checkpointGate.Release();
        }
    }

    private async ValueTask TruncateTailCoreAsync(long offset, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfUnusable();
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, _logEnd);
            if (offset == _logEnd)
            {
                return;
            }
        }

        // The batch that holds the offset goes as a whole; the leader has it.
        var (voidFrom, end) = await FindFirstVoidAsync(offset, cancellationToken);
        var (maxTimestamp, maxTimestampOffset) = MaxTimestamp;
        if (maxTimestampOffset >= end)
        {
            (maxTimestamp, maxTimestampOffset) = await MaxTimestampBetweenAsync(LogStartOffset, end, cancellationToken);
        }

        long address;
        var cut = await Task.Run(() => CutPart(end), cancellationToken);
        while (true)
        {
            long progress;
            lock (_gate)
            {
                ThrowIfUnusable();
                progress = _progress.Current;
                var truncation = new TailTruncation(end, voidFrom < 0 ? _tail : voidFrom, maxTimestamp, maxTimestampOffset);
                var payload = new byte[TailTruncation.Size];
                truncation.Write(payload);
                if (TryAppendMarker(EntryKind.TailTruncation, payload))
                {
                    Apply(truncation, _tail);
                    address = _tail;
                    if (cut is not null)
                    {
                        InstallCut(cut);
                    }

                    break;
                }
            }

            ScheduleFlush();
            await Task.Run(() => _progress.Wait(progress), cancellationToken);
        }

        TruncatedTail(_environment.Logger, TopicPartition, end);
        FailWaitersAbove(end);
        ScheduleFlush();
        if (cut is null)
        {
            await FlushToAddressAsync(address, cancellationToken);
            return;
        }

        // The marker first: it alone tells a recovery what to cut. Until the manifest agrees nothing may come between.
        await FlushToAddressAsync(address, CancellationToken.None);
        await Task.Run(() => SaveManifest(cut.Manifest), CancellationToken.None);
    }

    /// <summary>The address of the first batch that reaches an offset (-1 if there is none), and where the log then ends.</summary>
    private async ValueTask<(long VoidFrom, long EndOffset)> FindFirstVoidAsync(long offset, CancellationToken cancellationToken)
    {
        ReadPlan plan;
        long voidFrom;
        lock (_gate)
        {
            ThrowIfUnusable();
            if (offset < _logStart)
            {
                // Nothing stays; what lies below the log start offset is gone anyway.
                return (_index.Count == 0 ? -1 : _index[0].Address, offset);
            }

            plan = PlanRead(offset, _logEnd, maxBytes: 1, minOneMessage: true);
            voidFrom = _index.Count == 0 ? -1 : _index[0].Address;
        }

        if (plan.Address < 0)
        {
            return (-1, offset);
        }

        // Long.MaxValue: also a batch that reaches the end of the log is looked for.
        plan = plan with { MaxOffset = long.MaxValue };
        if (!MemoryReader.TryRead(plan, out var found))
        {
            found = await FindOnDiskAsync(plan, cancellationToken);
        }

        if (plan.Part is not null)
        {
            // All of what follows the compacted part is void, and the part is cut.
            return (voidFrom, found.Records.Length == 0 ? offset : Math.Min(offset, System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(found.Records.Span)));
        }

        if (found.Records.Length == 0)
        {
            return (-1, offset);
        }

        var baseOffset = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(found.Records.Span);
        return (found.FirstAddress, Math.Min(baseOffset, offset));
    }

    private void Apply(HeadTruncation truncation)
    {
        if (truncation.LogStartOffset <= _logStart)
        {
            return;
        }

        Volatile.Write(ref _logStart, truncation.LogStartOffset);
        if (truncation.LogStartOffset >= _logEnd)
        {
            // Beyond the end: a follower that starts again where its leader's log starts.
            Volatile.Write(ref _logEnd, truncation.LogStartOffset);
            _index.CutHead(long.MaxValue);
            _startBlock = true;
            _positions.Clear();
            _ = _readAheads.Drop();
        }

        TakeMaxTimestamp(truncation.MaxTimestamp, truncation.MaxTimestampOffset);
        _epochs.CutHead(truncation.LogStartOffset);
    }

    /// <param name="truncation">The marker.</param>
    /// <param name="endAddress">Where the marker ends.</param>
    private void Apply(TailTruncation truncation, long endAddress)
    {
        if (truncation.VoidFrom < endAddress)
        {
            _voids = _voids.Add(truncation.VoidFrom, endAddress);
        }

        CutPartInRecovery(truncation.LogEndOffset);
        _index.CutTail(truncation.VoidFrom);
        _startBlock = true;
        _positions.Clear();
        _layout++;
        _tailTruncations++;
        _activeStart = -1;
        _ = _readAheads.Drop();
        _epochs.CutTail(truncation.LogEndOffset);
        Volatile.Write(ref _latestEpoch, _epochs.Latest);
        TakeMaxTimestamp(truncation.MaxTimestamp, truncation.MaxTimestampOffset);
        Volatile.Write(ref _logEnd, truncation.LogEndOffset);
        if (truncation.LogEndOffset < _logStart)
        {
            Volatile.Write(ref _logStart, truncation.LogEndOffset);
        }

        _commitOffset = Math.Min(_commitOffset, truncation.LogEndOffset);
        Volatile.Write(ref _flushedOffset, Math.Min(_flushedOffset, truncation.LogEndOffset));
    }

    /// <summary>Deletes the segments that lie wholly below the log start offset, after a checkpoint that does without them.</summary>
    private async ValueTask FreeSegmentsAsync()
    {
        int first;
        int kept;
        lock (_gate)
        {
            ThrowIfUnusable();
            first = _firstSegment;
            kept = FirstNeededSegment();
            if (kept > first)
            {
                var address = _files.Geometry.FirstEntryOf(kept);
                _firstSegment = kept;
                _index.CutHead(address);
                _voids = _voids.CutHead(address);
            }
        }

        // Even if nothing is freed: the next opening shall not have to look for the marker.
        await CheckpointAsync(isClosing: false);
        await FreeCompactedAsync();
        if (kept == first)
        {
            return;
        }

        await Task.Run(() =>
        {
            try
            {
                for (var segment = first; segment < kept; segment++)
                {
                    _files.Delete(segment);
                }

                _environment.FileSystem.SyncDirectory(_directory);
            }
            catch (Exception exception) when (IsIoFailure(exception))
            {
                throw GoOffline("deleting segments", exception);
            }
        });
        TruncatedHead(_environment.Logger, TopicPartition, LogStartOffset, kept - first);
    }

    private int FirstNeededSegment()
    {
        if (_logStart >= _logEnd || _index.Count == 0)
        {
            return _files.Geometry.SegmentOf(_tail);
        }

        return _files.Geometry.SegmentOf(_index[Math.Max(0, _index.FloorByOffset(_logStart))].Address);
    }
}
