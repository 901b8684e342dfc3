using OrleansStream.Storage.Compaction;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage;

/// <content>
/// What of a log can be compacted. The compacted beginning is a <see cref="CompactedPart"/> with files of its own; what
/// was appended after it stays where it is, so that a pass never touches the end of the log.
/// </content>
public sealed partial class PartitionLog : ICompactableLog
{
    private readonly SemaphoreSlim _compactionGate = new(1);
    private readonly CancellationTokenSource _closing = new();
    private CompactedPart? _part;

    // Where the log goes on behind the compacted part; rises with each pass.
    private long _tailStart = LogGeometry.FirstAddress;

    // Counts what makes addresses that were taken before useless.
    private int _layout;
    private int _tailTruncations;

    // The largest timestamp of what was appended while a compacted part takes its place.
    private (long Timestamp, long Offset) _maxTimestampSinceSwap = (-1, -1);

    // The active segment in Kafka's sense: appends since segment.bytes or segment.ms began a new one. It is not compacted.
    private long _activeStart = -1;
    private long _activeSince;

    // The first record that is not compacted, for max.compaction.lag.ms.
    private (long Offset, long Timestamp) _firstDirty = (-1, -1);

    // Entries before the first block of the index do not count any more, even if a later truncation gave their offsets anew.
    private long TailStart => _index.Count > 0 ? _index[0].Address : _tail;

    private long CompactedEnd => _part?.EndOffset ?? 0;

    /// <inheritdoc/>
    public async ValueTask<CompactionStatus> DescribeCompactionAsync(long limitOffset, long nowMs, CancellationToken cancellationToken)
    {
        CompactionPlan plan;
        CompactionConfig config;
        long firstDirty;
        lock (_gate)
        {
            ThrowIfUnusable();
            if (_config.Compaction is not { } wanted)
            {
                return default;
            }

            config = wanted;
            plan = PlanCompaction(limitOffset, nowMs);
            if (plan.DirtyBytes == 0)
            {
                return new CompactionStatus(plan.CleanBytes, 0, IsDue: false);
            }

            firstDirty = _firstDirty.Offset == plan.DirtyOffset ? _firstDirty.Timestamp : -1;
        }

        var status = new CompactionStatus(plan.CleanBytes, plan.DirtyBytes, IsDue: false);
        if (status.DirtyRatio > config.MinCleanableDirtyRatio)
        {
            return status with { IsDue = true };
        }

        if (config.MaxCompactionLagMs == long.MaxValue)
        {
            return status;
        }

        if (firstDirty < 0)
        {
            firstDirty = await FirstTimestampAsync(plan.DirtyOffset, cancellationToken);
        }

        return status with { IsDue = firstDirty >= 0 && nowMs - Math.Min(firstDirty, plan.EarliestTimestamp) > config.MaxCompactionLagMs };
    }

    /// <summary>Ends a pass that is under way, and lets none begin.</summary>
    private async ValueTask StopCompactionAsync()
    {
        await _closing.CancelAsync();
        await _compactionGate.WaitAsync();
        _compactionGate.Release();
    }

    /// <summary>The timestamp of the first batch from an offset on; it does not change until that batch is compacted.</summary>
    private async ValueTask<long> FirstTimestampAsync(long offset, CancellationToken cancellationToken)
    {
        var first = await ReadAsync(offset, long.MaxValue, 0, minOneMessage: true, cancellationToken);
        if (!Protocol.Records.RecordBatchHeader.TryRead(first.Records.Span, out var header))
        {
            return -1;
        }

        var timestamp = header.HasDeleteHorizon || header.BaseTimestamp < 0 ? header.MaxTimestamp : header.BaseTimestamp;
        lock (_gate)
        {
            _firstDirty = (offset, timestamp);
        }

        return timestamp;
    }

    /// <summary>What a pass would clean now. Called with the gate held.</summary>
    private CompactionPlan PlanCompaction(long limitOffset, long nowMs)
    {
        EndActiveSegmentIfDue(_environment.Time.GetTimestamp());
        var (cutAddress, cutOffset, earliest) = FindCut(limitOffset, nowMs);
        var dirtyInPart = _part?.DirtyBytes ?? 0;
        var dirty = cutOffset <= _logStart ? 0 : dirtyInPart + Math.Max(0, cutAddress - TailStart);
        var dirtyOffset = Math.Max(_part?.Manifest.CleanedOffset ?? 0, _logStart);
        return new CompactionPlan(
            _part,
            TailStart,
            cutAddress,
            cutOffset,
            dirtyOffset,
            _part is { DirtyBytes: > 0 } part ? part.Index[Math.Max(0, part.Index.FloorByOffset(dirtyOffset))].Address : -1,
            (_part?.SizeBytes ?? 0) - dirtyInPart,
            dirty,
            earliest,
            _logStart,
            _logEnd,
            _flushedAddress,
            _voids,
            _tailTruncations);
    }

    /// <summary>
    /// The end of the last block of the index that may be compacted as a whole: below the limit and the active segment, on
    /// stable storage, and old enough.
    /// </summary>
    private (long Address, long Offset, long EarliestTimestamp) FindCut(long limitOffset, long nowMs)
    {
        var cut = (Address: TailStart, Offset: _index.Count > 0 ? _index[0].Offset : CompactedEnd, Earliest: long.MaxValue);
        var activeStart = _activeStart < 0 ? long.MaxValue : _activeStart;
        var youngest = nowMs - (_config.Compaction?.MinCompactionLagMs ?? 0);
        for (var position = 0; position < _index.Count; position++)
        {
            var block = _index[position];
            var isLast = position + 1 == _index.Count;
            var endAddress = isLast ? _tail : _index[position + 1].Address;
            var endOffset = isLast ? _logEnd : _index[position + 1].Offset;
            if (block.Address >= activeStart
                || endAddress > _flushedAddress
                || endOffset > limitOffset
                || (_config.Compaction is { MinCompactionLagMs: > 0 } && block.MaxTimestamp > youngest))
            {
                break;
            }

            cut = (endAddress, endOffset, Math.Min(cut.Earliest, block.MaxTimestamp));
        }

        return cut;
    }

    /// <summary>Begins a new segment, in Kafka's sense, before a batch that does not belong to the one so far.</summary>
    private void NoteInActiveSegment(long address, int bytes)
    {
        if (_config.Compaction is null)
        {
            return;
        }

        EndActiveSegmentIfDue(_lastAppend);
        if (_activeStart < 0 || address + bytes - _activeStart > _config.SegmentBytes)
        {
            _activeStart = address;
            _activeSince = _lastAppend;
            _startBlock = true;
        }
    }

    private void EndActiveSegmentIfDue(long timestamp)
    {
        var maxAge = Math.Min(_config.SegmentMs, _config.Compaction?.MaxCompactionLagMs ?? long.MaxValue);
        if (_activeStart >= 0 && _environment.Time.GetElapsedTime(_activeSince, timestamp).TotalMilliseconds >= maxAge)
        {
            _activeStart = -1;
            _startBlock = true;
        }
    }
}
