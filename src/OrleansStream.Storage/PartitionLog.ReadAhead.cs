using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage;

/// <content>
/// Reading ahead for readers that go through the log: while one answer is on its way, the next range comes from the disk.
/// What was read ahead belongs to the reader that asks for its first offset; nobody else sees it, and it is dropped when
/// nobody asks.
/// </content>
public sealed partial class PartitionLog
{
    // Less than this is not worth a read that may turn out to be in vain.
    private const int MinReadAheadBytes = 256 * 1024;
    private const int MaxReadAheadBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan ReadAheadPatience = TimeSpan.FromSeconds(2);

    private readonly List<ReadAhead> _readAheads = [];
    private int _readAheadVersion;

    /// <summary>What was read ahead from an offset on, if anything; the caller owns it now. Called with the gate held.</summary>
    private ReadAhead? TakeReadAhead(long offset)
    {
        for (var i = 0; i < _readAheads.Count; i++)
        {
            if (_readAheads[i].Offset == offset)
            {
                var ahead = _readAheads[i];
                _readAheads.RemoveAt(i);
                return ahead;
            }
        }

        return null;
    }

    /// <summary>Starts to read what follows a read, unless it is in memory or there is no budget. Called with the gate held.</summary>
    private void StartReadAhead(in FoundBatches found, in ReadPlan read)
    {
        var offset = found.NextOffset;
        var limit = read.Part?.EndAddress ?? DiskLimit;
        if (_closed || _offline is not null || read.Layout != _layout || limit - found.NextAddress < MinReadAheadBytes || _readAheads.Exists(ahead => ahead.Offset == offset))
        {
            return;
        }

        var size = Math.Clamp(read.MaxBytes, MinReadAheadBytes, MaxReadAheadBytes);
        if (!_environment.ReadAheadBudget.TryReserve(size))
        {
            return;
        }

        // Above the high watermark as well; what a reader may see is decided when it asks.
        var plan = new ReadPlan(
            offset, _logEnd, size, MinOneMessage: true, GoesOn: true, found.NextAddress, limit, read.Part is null ? _flushedAddress : limit, limit,
            Buffer: null, read.Part is null ? _voids : VoidRanges.None, read.Files, read.Part, _layout);
        _readAheads.Add(new ReadAhead(offset, size, _readAheadVersion, FillAsync(plan), _environment.Time.GetTimestamp()));
        _environment.NoteActive(this);
    }

    private async Task<FoundBatches> FillAsync(ReadPlan plan)
    {
        await _environment.ReadGate.WaitAsync();
        try
        {
            return await Task.Run(() => TryReadRange(plan));
        }
        finally
        {
            _environment.ReadGate.Release();
        }
    }

    private FoundBatches TryReadRange(in ReadPlan plan)
    {
        try
        {
            return ReadRange(plan, out _);
        }
        catch (Exception exception) when (IsIoFailure(exception))
        {
            // Nobody asked for it yet. Whoever does will read it again and report what is wrong.
            return default;
        }
    }

    private async ValueTask<LogReadResult> ReadAheadAsync(ReadAhead ahead, ReadPlan plan, CancellationToken cancellationToken)
    {
        FoundBatches found;
        try
        {
            found = await ahead.Fill.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                KeepReadAhead(ahead);
            }

            throw;
        }

        if (found.Records.IsEmpty || ahead.Version != Volatile.Read(ref _readAheadVersion))
        {
            _environment.ReadAheadBudget.Return(ahead.ReservedBytes);
            return TryReadMemory(plan, out var inMemory) ? Finish(inMemory, plan) : await ReadFromDiskAsync(plan, cancellationToken);
        }

        var length = LengthToReturn(found.Records.Span, plan, out var nextOffset);
        lock (_gate)
        {
            if (_closed || _offline is not null)
            {
                _environment.ReadAheadBudget.Return(ahead.ReservedBytes);
            }

            ThrowIfUnusable();
            StartReadAhead(found, plan);
            if (length == found.Records.Length)
            {
                _environment.ReadAheadBudget.Return(ahead.ReservedBytes);
                NotePosition(found, plan);
            }
            else
            {
                var rest = found with { Records = found.Records[length..] };
                KeepReadAhead(ahead with { Offset = nextOffset, Fill = Task.FromResult(rest), Since = _environment.Time.GetTimestamp() });
            }
        }

        return new LogReadResult(LogReadStatus.Ok, found.Records[..length]);
    }

    /// <summary>How many bytes of whole batches, read from the plan's offset on, the plan's bounds allow.</summary>
    private static int LengthToReturn(ReadOnlySpan<byte> records, in ReadPlan plan, out long nextOffset)
    {
        var length = 0;
        nextOffset = plan.Offset;
        foreach (var header in RecordBatch.Enumerate(records))
        {
            if (header.LastOffset >= plan.MaxOffset
                || (length + (long)header.SizeInBytes > plan.MaxBytes && (length > 0 || !plan.MinOneMessage)))
            {
                break;
            }

            length += header.SizeInBytes;
            nextOffset = header.NextOffset;
        }

        return length;
    }

    /// <summary>Keeps what a reader has not taken for its next read. Called with the gate held.</summary>
    private void KeepReadAhead(ReadAhead ahead)
    {
        if (_closed || ahead.Version != _readAheadVersion)
        {
            _environment.ReadAheadBudget.Return(ahead.ReservedBytes);
        }
        else
        {
            _readAheads.Add(ahead);
            _environment.NoteActive(this);
        }
    }

    /// <summary>Drops what was read ahead because the log has changed or is closed. Called with the gate held.</summary>
    /// <returns>Completes when no read ahead uses the files any more.</returns>
    private Task DropReadAheads()
    {
        _readAheadVersion++;
        if (_readAheads.Count == 0)
        {
            return Task.CompletedTask;
        }

        var fills = Task.WhenAll(_readAheads.Select(ahead => ahead.Fill));
        foreach (var ahead in _readAheads)
        {
            _environment.ReadAheadBudget.Return(ahead.ReservedBytes);
        }

        _readAheads.Clear();
        return fills;
    }

    /// <summary>Drops what no reader has come for. Called with the gate held.</summary>
    private void DropIdleReadAheads()
    {
        for (var i = _readAheads.Count - 1; i >= 0; i--)
        {
            if (_environment.Time.GetElapsedTime(_readAheads[i].Since) >= ReadAheadPatience)
            {
                _environment.ReadAheadBudget.Return(_readAheads[i].ReservedBytes);
                _readAheads.RemoveAt(i);
            }
        }
    }

    /// <summary>Batches that are, or will be, in memory for a reader that is expected.</summary>
    /// <param name="Offset">The offset that the reader will ask for.</param>
    /// <param name="ReservedBytes">What it takes of the budget.</param>
    /// <param name="Version">The log's version that it belongs to.</param>
    /// <param name="Fill">The batches; none if they could not be read.</param>
    /// <param name="Since">When it was started or last used.</param>
    private sealed record ReadAhead(long Offset, int ReservedBytes, int Version, Task<FoundBatches> Fill, long Since);
}
