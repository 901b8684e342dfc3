using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Buffers;
using OrleansStream.Storage.Compaction;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage;

/// <content>Reading: from the buffer's pages at the tail, else from the segment files.</content>
public sealed partial class PartitionLog
{
    private readonly ReadPositions _positions = new();

    /// <inheritdoc/>
    public ValueTask<LogReadResult> ReadAsync(long offset, long maxOffset, int maxBytes, bool minOneMessage, CancellationToken cancellationToken)
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

            plan = PlanRead(offset, Math.Min(maxOffset, _logEnd), maxBytes, minOneMessage);
            if (offset >= plan.MaxOffset || maxBytes < 0 || (maxBytes == 0 && !minOneMessage) || plan.Address < 0)
            {
                return new ValueTask<LogReadResult>(new LogReadResult(LogReadStatus.Ok, default));
            }

            ahead = TakeReadAhead(offset);
        }

        if (ahead is not null)
        {
            return ReadAheadAsync(ahead, plan, cancellationToken);
        }

        return TryReadMemory(plan, out var found) ? new ValueTask<LogReadResult>(Finish(found, plan)) : ReadFromDiskAsync(plan, cancellationToken);
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
                    var found = ReadRange(plan, out var reached);
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

                if (TryReadMemory(plan, out var inMemory))
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

            throw GoOffline($"reading at offset {plan.Offset}", exception);
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

            progress = _progress;
        }

        WaitForProgress(progress);
        return plan;
    }

    /// <summary>
    /// Reads the file once, sequentially, and moves the batches together in the same array: the disk's bytes are copied
    /// once more, within the cache, and not again.
    /// </summary>
    private FoundBatches ReadRange(in ReadPlan plan, out long reached)
    {
        var geometry = plan.Files.Geometry;
        var limit = plan.DiskLimit;
        var start = plan.Address;
        var size = Math.Min(limit - start, EntryParser.RawBytesFor(geometry, plan.MaxBytes) + (long)SparseIndex.MinIntervalBytes);
        while (true)
        {
            var raw = GC.AllocateUninitializedArray<byte>((int)size);
            var read = plan.Files.Read(start, raw);
            if (read < raw.Length)
            {
                throw new InvalidDataException($"{plan.Files.PathOf(geometry.SegmentOf(start + read))} ends at address {start + read}, before the log's durable end {limit}");
            }

            var collector = new BatchCollector(plan, raw);
            var parser = new EntryParser(geometry, raw, start, -1, verifyBatches: true);
            var status = collector.Collect(ref parser, limit);
            reached = parser.Address;
            if (status is ParseStatus.Damaged or ParseStatus.End)
            {
                throw Damage(plan.Files, parser.Address, status == ParseStatus.End ? "nothing was written there" : parser.Damage.Reason);
            }

            if (status == ParseStatus.Entry || collector.Count > 0)
            {
                return collector.Result();
            }

            if (start + size >= limit && reached == start)
            {
                // The batch reaches beyond what may be read, which is right while it is not flushed as a whole.
                return limit > plan.FlushedAddress ? default : throw Damage(plan.Files, reached, "a batch reaches beyond the log's end");
            }

            start = reached;
            size = Math.Min(limit - start, Math.Max(size, parser.NeededBytes));
            if (size <= 0)
            {
                return default;
            }
        }
    }

    private InvalidDataException Damage(long address, string reason) => Damage(_files, address, reason);

    private InvalidDataException Damage(SegmentFiles files, long address, string reason)
    {
        long offset;
        lock (_gate)
        {
            var index = files == _files ? _index : _part?.Index ?? _index;
            var floor = index.Count == 0 ? -1 : Math.Max(0, index.CeilingByAddress(address + 1) - 1);
            offset = floor < 0 ? _logStart : index[floor].Offset;
        }

        return new InvalidDataException($"{files.PathOf(files.Geometry.SegmentOf(address))} is damaged at address {address}, at or after offset {offset}: {reason}");
    }

    /// <summary>A read and the state of the log when it began; it goes on if an earlier read ended at its offset.</summary>
    private readonly record struct ReadPlan(
        long Offset,
        long MaxOffset,
        int MaxBytes,
        bool MinOneMessage,
        bool GoesOn,
        long Address,
        long EndAddress,
        long FlushedAddress,
        long DiskLimit,
        TailBuffer? Buffer,
        VoidRanges Voids,
        SegmentFiles Files,
        CompactedPart? Part,
        int Layout);

    /// <summary>What a read found.</summary>
    /// <param name="Records">The batches.</param>
    /// <param name="FirstAddress">The address of the first batch.</param>
    /// <param name="NextOffset">The offset after the last batch.</param>
    /// <param name="NextAddress">Where the batch after the last one stands, or the padding before it.</param>
    /// <param name="IsAtEnd">Nothing more can be returned whatever follows.</param>
    /// <param name="IsStale">The files that were read are gone: the read has to be planned anew.</param>
    private readonly record struct FoundBatches(
        ReadOnlyMemory<byte> Records, long FirstAddress, long NextOffset, long NextAddress, bool IsAtEnd, bool IsStale = false);

    /// <summary>Takes the batches that a read wants from a parsed range to the front of the range.</summary>
    private struct BatchCollector(in ReadPlan plan, byte[] raw)
    {
        private readonly ReadPlan _plan = plan;
        private int _length;
        private long _firstAddress;
        private long _nextOffset;
        private long _nextAddress;
        private bool _isAtEnd;

        public int Count { get; private set; }

        public ParseStatus Collect(ref EntryParser parser, long limit)
        {
            while (parser.Address < limit)
            {
                var status = parser.Next(out var entry);
                if (status != ParseStatus.Entry)
                {
                    return status;
                }

                if (_plan.Voids.Contains(entry.Address, out var until))
                {
                    parser.SkipTo(Math.Min(until, limit));
                    continue;
                }

                if (entry.Kind == EntryKind.Batch && !Take(entry))
                {
                    _isAtEnd = true;
                    return ParseStatus.Entry;
                }
            }

            return ParseStatus.Entry;
        }

        public readonly FoundBatches Result()
        {
            if (Count == 0)
            {
                return new FoundBatches(default, 0, 0, 0, _isAtEnd);
            }

            // A small result must not keep a large array alive.
            var records = _length < raw.Length / 2 ? raw.AsSpan(0, _length).ToArray() : raw.AsMemory(0, _length);
            return new FoundBatches(records, _firstAddress, _nextOffset, _nextAddress, _isAtEnd);
        }

        private bool Take(in ParsedEntry entry)
        {
            var payload = entry.Payload;
            RecordBatchHeader.TryRead(payload, out var header);
            if (header.LastOffset < _plan.Offset)
            {
                return true;
            }

            if (header.LastOffset >= _plan.MaxOffset
                || (_length + (long)payload.Length > _plan.MaxBytes && (Count > 0 || !_plan.MinOneMessage)))
            {
                return false;
            }

            if (Count == 0)
            {
                _firstAddress = entry.Address;
            }

            payload.CopyTo(raw.AsSpan(_length));
            _length += payload.Length;
            _nextOffset = header.NextOffset;
            _nextAddress = entry.EndAddress;
            Count++;
            return true;
        }
    }
}
