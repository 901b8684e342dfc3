using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;
using OrleansStream.Storage.Reading;

namespace OrleansStream.Storage;

/// <content>Reading: from the buffer's pages at the tail, else from the segment files.</content>
public sealed partial class PartitionLog
{
    private readonly ReadPositions _positions = new();

    /// <inheritdoc/>
    public ValueTask<LogReadResult> ReadAsync(long offset, long maxOffset, int maxBytes, bool minOneMessage, CancellationToken cancellationToken)
        => ReadCoreAsync(offset, maxOffset, maxBytes, minOneMessage, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LogReadResult> ReadAsync(
        long offset, long maxOffset, int maxBytes, bool minOneMessage, Func<int, Memory<byte>> allocate, CancellationToken cancellationToken)
        => ReadCoreAsync(offset, maxOffset, maxBytes, minOneMessage, allocate, cancellationToken);

    private ValueTask<LogReadResult> ReadCoreAsync(
        long offset, long maxOffset, int maxBytes, bool minOneMessage, Func<int, Memory<byte>>? allocate, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReadPlan plan;
        ReadAhead? ahead;
        lock (_gate)
        {
            ThrowIfUnusable();
            if (offset < _logStart || offset > _logEnd)
            {
                return new ValueTask<LogReadResult>(new LogReadResult(LogReadStatus.OffsetOutOfRange, default));
            }

            plan = PlanRead(offset, Math.Min(maxOffset, _logEnd), maxBytes, minOneMessage) with { Allocate = allocate };
            if (offset >= plan.MaxOffset || maxBytes < 0 || (maxBytes == 0 && !minOneMessage) || plan.Address < 0)
            {
                return new ValueTask<LogReadResult>(new LogReadResult(LogReadStatus.Ok, default));
            }

            ahead = _readAheads.Take(offset);
        }

        if (ahead is not null)
        {
            return ReadAheadAsync(ahead, plan, cancellationToken);
        }

        return MemoryReader.TryRead(plan, out var found) ? new ValueTask<LogReadResult>(Finish(found, plan)) : ReadFromDiskAsync(plan, cancellationToken);
    }

    /// <summary>Where to look for an offset, and what the log is like at this moment. Called with the gate held.</summary>
    private ReadPlan PlanRead(long offset, long maxOffset, int maxBytes, bool minOneMessage)
        => PlanCompactedRead(offset, maxOffset, maxBytes, minOneMessage) ?? PlanTailRead(offset, maxOffset, maxBytes, minOneMessage);

    private ReadPlan PlanTailRead(long offset, long maxOffset, int maxBytes, bool minOneMessage)
    {
        var address = -1L;
        var goesOn = _positions.TryGet(offset, out var known);
        if (goesOn)
        {
            address = known;
        }
        else if (_index.Count > 0)
        {
            address = _index[Math.Max(0, _index.FloorByOffset(offset))].Address;
        }

        return new ReadPlan(
            offset, maxOffset, maxBytes, minOneMessage, goesOn, address, _tail, _flushedAddress, DiskLimit, _buffer, _voids, _files, null, _layout);
    }

    /// <summary>What is below can be read from disk: memory is reused only after its page is flushed.</summary>
    private long DiskLimit => Math.Max(_flushedAddress, _buffer?.MemoryStart ?? 0);

    private LogReadResult Finish(in FoundBatches found, in ReadPlan plan)
    {
        if (found.Records.Length > 0)
        {
            lock (_gate)
            {
                NotePosition(found, plan);
            }
        }

        return new LogReadResult(LogReadStatus.Ok, found.Records);
    }

    /// <summary>Called with the gate held.</summary>
    private void NotePosition(in FoundBatches found, in ReadPlan plan)
    {
        // After a compaction or truncation the address may be of files that are gone.
        if (plan.Layout == _layout)
        {
            (plan.Part?.Positions ?? _positions).Set(found.NextOffset, found.NextAddress);
        }
    }

    private async ValueTask<LogReadResult> ReadFromDiskAsync(ReadPlan plan, CancellationToken cancellationToken)
    {
        var found = await FindOnDiskAsync(plan, cancellationToken);
        while (TryGoOn(found, ref plan, out var inMemory))
        {
            found = inMemory ?? await FindOnDiskAsync(plan, cancellationToken);
        }

        if (found.Records.Length == 0 && LogStartOffset > plan.Offset)
        {
            return new LogReadResult(LogReadStatus.OffsetOutOfRange, default);
        }

        if (plan.GoesOn && found.Records.Length > 0)
        {
            lock (_gate)
            {
                StartReadAhead(found, plan);
            }
        }

        return Finish(found, plan);
    }

    private async ValueTask<FoundBatches> FindOnDiskAsync(ReadPlan plan, CancellationToken cancellationToken)
    {
        await _environment.ReadGate.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => FindOnDisk(plan), cancellationToken);
        }
        finally
        {
            _environment.ReadGate.Release();
        }
    }

    private FoundBatches FindOnDisk(ReadPlan plan)
    {
        try
        {
            while (true)
            {
                if (plan.Address < plan.DiskLimit)
                {
                    var found = RangeReader.Read(plan, out var reached);
                    if (found.Records.Length > 0 || found.IsAtEnd)
                    {
                        return found;
                    }

                    plan = plan with { Address = reached };
                }

                if (plan.Address >= plan.EndAddress)
                {
                    return default;
                }

                if (MemoryReader.TryRead(plan, out var inMemory))
                {
                    return inMemory;
                }

                plan = Refresh(plan);
            }
        }
        catch (Exception exception) when (exception is not LogOfflineException && IsIoFailure(exception))
        {
            lock (_gate)
            {
                if (_closed)
                {
                    // Its files are gone, or another log's; that is no failure of the disk.
                    ThrowIfUnusable();
                }

                if (plan.Offset < _logStart)
                {
                    // Retention freed the segment meanwhile.
                    return default;
                }

                if (plan.Layout != _layout)
                {
                    // Compaction has put other files in the place of these.
                    return new FoundBatches(default, 0, 0, 0, IsAtEnd: false, IsStale: true);
                }
            }

            throw GoOffline($"reading at offset {plan.Offset}", exception is DamagedLogException damage ? WithOffset(damage) : exception);
        }
    }

    /// <summary>
    /// The memory was reused while it was read, so that part is on disk by now or, if a batch reaches further, will be
    /// after the next flush.
    /// </summary>
    private ReadPlan Refresh(in ReadPlan plan)
    {
        long progress;
        lock (_gate)
        {
            ThrowIfUnusable();
            var fresh = plan with { FlushedAddress = _flushedAddress, DiskLimit = DiskLimit, Buffer = _buffer, Voids = _voids };
            if (fresh.DiskLimit > plan.DiskLimit || fresh.FlushedAddress > plan.FlushedAddress || fresh.Buffer != plan.Buffer)
            {
                return fresh;
            }

            progress = _progress.Current;
        }

        _progress.Wait(progress);
        return plan;
    }

    /// <summary>The same with the offset, as far as the index knows it.</summary>
    private InvalidDataException WithOffset(DamagedLogException damage)
    {
        long offset;
        lock (_gate)
        {
            var index = damage.Files == _files ? _index : _part?.Index ?? _index;
            var floor = index.Count == 0 ? -1 : Math.Max(0, index.CeilingByAddress(damage.Address + 1) - 1);
            offset = floor < 0 ? _logStart : index[floor].Offset;
        }

        return new InvalidDataException($"{damage.Message} (at or after offset {offset})", damage);
    }
}
