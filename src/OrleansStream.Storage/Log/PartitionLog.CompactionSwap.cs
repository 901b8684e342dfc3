using OrleansStream.Storage.Compaction;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage;

/// <content>
/// The moments at which the compacted part changes: a new one takes its place, its beginning is freed, its end is cut. The
/// manifest is written first, then the memory follows, then files are deleted; all under the checkpoint's gate, so that no
/// checkpoint speaks of the one state while the manifest speaks of the other.
/// </content>
public sealed partial class PartitionLog
{
    /// <summary>Puts a new compacted part in its place; false if a truncation has made it useless.</summary>
    private async ValueTask<bool> TrySwapAsync(CompactionPlan plan, NewGeneration written, CancellationToken cancellationToken)
    {
        var (files, cut) = (written.Files, written.Cut);
        await _checkpointGate.WaitAsync(cancellationToken);
        try
        {
            CompactionManifest manifest;
            lock (_gate)
            {
                ThrowIfUnusable();
                if (_tailTruncations != plan.TailTruncations || _part != plan.Part || _logStart >= cut.Offset)
                {
                    return false;
                }

                _maxTimestampSinceSwap = (-1, -1);
                manifest = new CompactionManifest
                {
                    Generation = files.Generation,
                    PageBytes = files.Geometry.PageBytes,
                    SegmentBytes = files.Geometry.SegmentBytes,
                    FirstSegment = 0,
                    EndAddress = written.EndAddress,
                    EndOffset = cut.Offset,
                    CleanedOffset = written.Result.CleanedOffset,
                    TailAddress = cut.Address,
                    LogStartOffset = _logStart,
                    MaxTimestamp = written.MaxTimestamp,
                    MaxTimestampOffset = written.MaxTimestampOffset,
                    Epochs = [.. _epochs.Epochs.Where(epoch => epoch.StartOffset < cut.Offset)],
                };
            }

            var max = await MaxTimestampOfTailAsync(cut.Offset, (written.MaxTimestamp, written.MaxTimestampOffset), cancellationToken);
            SaveManifest(manifest);
            CompactedPart? old;
            int firstSegment;
            lock (_gate)
            {
                old = _part;
                firstSegment = _firstSegment;
                _part = new CompactedPart(files, written.Index, manifest);
                Install(manifest);
                _maxTimestamp = max.Timestamp;
                _maxTimestampOffset = max.Offset;
                if (_maxTimestampSinceSwap.Timestamp > _maxTimestamp)
                {
                    (_maxTimestamp, _maxTimestampOffset) = _maxTimestampSinceSwap;
                }
            }

            await SaveCheckpointAsync(isClosing: false);
            DeleteReplaced(old, firstSegment);
            return true;
        }
        finally
        {
            _checkpointGate.Release();
        }
    }

    /// <summary>Takes over where the rest of the log goes on. Called with the gate held.</summary>
    private void Install(CompactionManifest manifest)
    {
        _tailStart = manifest.TailAddress;
        _firstSegment = Math.Max(_firstSegment, _files.Geometry.SegmentOf(manifest.TailAddress));
        _index.CutHead(manifest.TailAddress);
        _voids = _voids.CutHead(manifest.TailAddress);
        _positions.Clear();
        _ = _readAheads.Drop();
        _layout++;
    }

    /// <summary>
    /// The largest timestamp that is left when the compacted part has one: what had it may be gone. What is appended
    /// meanwhile is noted apart.
    /// </summary>
    private async ValueTask<(long Timestamp, long Offset)> MaxTimestampOfTailAsync(
        long tailOffset, (long Timestamp, long Offset) ofPart, CancellationToken cancellationToken)
    {
        (long Timestamp, long Offset) known;
        long end;
        lock (_gate)
        {
            known = (_maxTimestamp, _maxTimestampOffset);
            end = _logEnd;
        }

        if (known.Offset >= tailOffset)
        {
            return known;
        }

        var ofTail = tailOffset < end ? await MaxTimestampBetweenAsync(tailOffset, end, cancellationToken) : (-1, -1);
        return ofTail.Timestamp > ofPart.Timestamp ? ofTail : ofPart;
    }

    private void SaveManifest(CompactionManifest manifest)
    {
        try
        {
            manifest.Save(_environment.FileSystem, _directory);
        }
        catch (Exception exception) when (IsIoFailure(exception))
        {
            // The old or the new one may be there after a crash, so neither may go on being used.
            throw GoOffline("writing the manifest of the compacted log", exception);
        }
    }

    private void DeleteReplaced(CompactedPart? old, int firstSegment)
    {
        try
        {
            old?.Delete();
            for (var segment = firstSegment; segment < _firstSegment; segment++)
            {
                _files.Delete(segment);
            }

            _environment.FileSystem.SyncDirectory(_directory);
        }
        catch (Exception exception) when (IsIoFailure(exception))
        {
            throw GoOffline("deleting what was compacted", exception);
        }
    }

    /// <summary>Deletes the segments of the compacted part that lie wholly below the log start offset.</summary>
    private async ValueTask FreeCompactedAsync()
    {
        await _checkpointGate.WaitAsync();
        try
        {
            CompactedPart part;
            CompactedPart kept;
            lock (_gate)
            {
                ThrowIfUnusable();
                if (_part is null || (part = _part).SizeBytes == 0)
                {
                    return;
                }

                var floor = _logStart >= part.EndOffset ? -1 : part.Index.FloorByOffset(_logStart);
                var first = _logStart >= part.EndOffset || part.Index.Count == 0
                    ? part.EndSegment
                    : part.Files.Geometry.SegmentOf(part.Index[Math.Max(0, floor)].Address);
                if (first <= part.Manifest.FirstSegment)
                {
                    return;
                }

                kept = part.With(part.Manifest with
                {
                    FirstSegment = first,
                    EndAddress = first >= part.EndSegment ? LogGeometry.FirstAddress : part.EndAddress,
                    LogStartOffset = _logStart,
                });
            }

            await Task.Run(() => SaveManifest(kept.Manifest));
            lock (_gate)
            {
                _part = kept;
                _ = _readAheads.Drop();
                kept.Index.CutHead(kept.SizeBytes == 0 ? long.MaxValue : kept.StartAddress);
                _layout++;
            }

            await Task.Run(() => DeleteSegments(part, kept));
        }
        finally
        {
            _checkpointGate.Release();
        }
    }

    private void DeleteSegments(CompactedPart part, CompactedPart kept)
    {
        try
        {
            for (var segment = part.Manifest.FirstSegment; segment < kept.Manifest.FirstSegment; segment++)
            {
                part.Files.Delete(segment);
            }

            _environment.FileSystem.SyncDirectory(_directory);
        }
        catch (Exception exception) when (IsIoFailure(exception))
        {
            throw GoOffline("deleting segments", exception);
        }
    }

    /// <summary>
    /// The compacted part without what reaches an offset or lies above it, while a tail truncation does the same with the
    /// rest of the log; null if it stays as it is. The caller saves its manifest and holds the checkpoint's gate, or is the recovery.
    /// </summary>
    private CompactedPart? CutPart(long endOffset)
    {
        if (_part is not { } part || (endOffset >= part.EndOffset && endOffset >= part.Manifest.LogStartOffset))
        {
            return null;
        }

        var address = LogGeometry.FirstAddress;
        (long Timestamp, long Offset) max = (-1, -1);
        if (part.SizeBytes > 0)
        {
            address = part.StartAddress;
            using var scan = new LogScan(part.Files, VoidRanges.None, part.StartAddress, part.EndAddress, new CompactionMemory(0));
            while (scan.MoveNext() && scan.Header.LastOffset < endOffset)
            {
                max = scan.Header.MaxTimestamp > max.Timestamp ? (scan.Header.MaxTimestamp, scan.Header.LastOffset) : max;
                address = scan.EndAddress;
            }
        }

        return part.With(part.Manifest with
        {
            EndAddress = address,
            EndOffset = Math.Min(part.EndOffset, endOffset),
            LogStartOffset = Math.Min(part.Manifest.LogStartOffset, endOffset),
            CleanedOffset = Math.Min(part.Manifest.CleanedOffset, endOffset),
            MaxTimestamp = max.Timestamp,
            MaxTimestampOffset = max.Offset,
            Epochs = [.. part.Manifest.Epochs.Where(epoch => epoch.StartOffset < endOffset)],
        });
    }

    private void InstallCut(CompactedPart cut)
    {
        _part = cut;
        _ = _readAheads.Drop();
        cut.Index.CutTail(cut.EndAddress);
        _layout++;
    }
}
