using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Indexes;
using OrleansStream.Storage.Reading;

namespace OrleansStream.Storage;

/// <content>Reading ahead for readers that go through the log, and answering them from what was read.</content>
public sealed partial class PartitionLog
{
    private readonly ReadAheads _readAheads;

    /// <summary>Starts to read what follows a read, unless it is in memory or there is no budget. Called with the gate held.</summary>
    private void StartReadAhead(in FoundBatches found, in ReadPlan read)
    {
        var offset = found.NextOffset;
        var limit = read.Part?.EndAddress ?? DiskLimit;
        if (_closed
            || _offline is not null
            || read.Layout != _layout
            || limit - found.NextAddress < ReadAheads.MinBytes
            || !_readAheads.TryReserve(offset, read.MaxBytes, out var bytes))
        {
            return;
        }

        // Above the high watermark as well; what a reader may see is decided when it asks.
        var plan = new ReadPlan(
            offset, _logEnd, bytes, MinOneMessage: true, GoesOn: true, found.NextAddress, limit, read.Part is null ? _flushedAddress : limit, limit,
            Buffer: null, read.Part is null ? _voids : VoidRanges.None, read.Files, read.Part, _layout);
        _readAheads.Add(offset, bytes, FillAsync(plan));
        _environment.NoteActive(this);
    }

    private async Task<FoundBatches> FillAsync(ReadPlan plan)
    {
        await _environment.ReadGate.WaitAsync();
        try
        {
            return await Task.Run(() => RangeReader.Read(plan, out _));
        }
        catch (Exception exception) when (IsIoFailure(exception))
        {
            // Nobody asked for it yet. Whoever does will read it again and report what is wrong.
            return default;
        }
        finally
        {
            _environment.ReadGate.Release();
        }
    }

    private async ValueTask<LogReadResult> ReadAheadAsync(ReadAhead ahead, ReadPlan plan, CancellationToken cancellationToken)
    {
        var found = default(FoundBatches);
        var isOurs = true;
        try
        {
            found = await ahead.Fill.WaitAsync(cancellationToken);
            lock (_gate)
            {
                ThrowIfUnusable();
                if (!found.Records.IsEmpty && _readAheads.IsCurrent(ahead))
                {
                    var length = LengthToReturn(found.Records.Span, plan, out var nextOffset);
                    StartReadAhead(found, plan);
                    if (length == found.Records.Length)
                    {
                        NotePosition(found, plan);
                    }
                    else
                    {
                        isOurs = false;
                        _readAheads.Keep(ahead, nextOffset, found with { Records = found.Records[length..] });
                        _environment.NoteActive(this);
                    }

                    return new LogReadResult(LogReadStatus.Ok, found.Records[..length]);
                }
            }
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                isOurs = false;
                KeepReadAhead(ahead);
            }

            throw;
        }
        finally
        {
            if (isOurs)
            {
                _readAheads.Return(ahead);
            }
        }

        return MemoryReader.TryRead(plan, out var inMemory) ? Finish(inMemory, plan) : await ReadFromDiskAsync(plan, cancellationToken);
    }

    /// <summary>Keeps what a reader that went away has not taken. Called with the gate held.</summary>
    private void KeepReadAhead(ReadAhead ahead)
    {
        if (_closed)
        {
            _readAheads.Return(ahead);
            return;
        }

        _readAheads.Keep(ahead);
        _environment.NoteActive(this);
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
}
