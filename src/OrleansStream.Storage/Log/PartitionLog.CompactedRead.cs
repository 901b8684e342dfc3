using OrleansStream.Storage.Indexes;
using OrleansStream.Storage.Reading;

namespace OrleansStream.Storage;

/// <content>Reading from the compacted part, and from what follows it when that part has nothing more.</content>
public sealed partial class PartitionLog
{
    /// <summary>Where in the compacted part to look for an offset; null if it cannot be there. Called with the gate held.</summary>
    private ReadPlan? PlanCompactedRead(long offset, long maxOffset, int maxBytes, bool minOneMessage)
    {
        if (_part is not { } part || offset >= part.EndOffset || part.Index.Count == 0)
        {
            return null;
        }

        var goesOn = part.Positions.TryGet(offset, out var address);
        if (!goesOn)
        {
            address = part.Index[Math.Max(0, part.Index.FloorByOffset(offset))].Address;
        }

        return new ReadPlan(
            offset, maxOffset, maxBytes, minOneMessage, goesOn, address, part.EndAddress, part.EndAddress, part.EndAddress, null, VoidRanges.None, part.Files, part, _layout);
    }

    /// <summary>
    /// Whether a read is not over: the compacted part had nothing more and the rest of the log follows, or compaction has put
    /// other files in the place of those that were read.
    /// </summary>
    private bool TryGoOn(FoundBatches found, ref ReadPlan plan, out FoundBatches? inMemory)
    {
        inMemory = null;
        if (!found.IsStale && (plan.Part is null || found.IsAtEnd || found.Records.Length > 0))
        {
            return false;
        }

        lock (_gate)
        {
            ThrowIfUnusable();
            if (plan.Offset < _logStart)
            {
                return false;
            }

            plan = found.IsStale || plan.Layout != _layout
                ? PlanRead(plan.Offset, plan.MaxOffset, plan.MaxBytes, plan.MinOneMessage)
                : PlanTailRead(plan.Offset, plan.MaxOffset, plan.MaxBytes, plan.MinOneMessage);
        }

        if (plan.Address < 0)
        {
            inMemory = new FoundBatches(default, 0, 0, 0, IsAtEnd: true);
        }
        else if (MemoryReader.TryRead(plan, out var read))
        {
            inMemory = read;
        }

        return true;
    }

    /// <summary>
    /// The first block of either index that may hold a timestamp, at or after an offset: where it starts and where it ends.
    /// Called with the gate held.
    /// </summary>
    private (long Start, long End)? FindBlock(long timestamp, long from)
    {
        if (_part is { } part && from < part.EndOffset)
        {
            var position = part.Index.FindByTimestamp(timestamp, Math.Max(part.Index.FloorByOffset(from), 0));
            if (position >= 0)
            {
                var end = position + 1 < part.Index.Count ? part.Index[position + 1].Offset : part.EndOffset;
                return (Math.Max(part.Index[position].Offset, from), end);
            }
        }

        var found = _index.FindByTimestamp(timestamp, Math.Max(_index.FloorByOffset(from), 0));
        return found < 0
            ? null
            : (Math.Max(_index[found].Offset, from), found + 1 < _index.Count ? _index[found + 1].Offset : _logEnd);
    }

    /// <summary>The blocks of both indexes that reach into a range of offsets. Called with the gate held.</summary>
    private List<(long Start, long End, long Bound)> BlocksBetween(long start, long end)
    {
        var blocks = new List<(long Start, long End, long Bound)>();
        if (_part is { } part && start < part.EndOffset)
        {
            AddBlocks(blocks, part.Index, start, Math.Min(end, part.EndOffset));
        }

        AddBlocks(blocks, _index, Math.Max(start, CompactedEnd), end);
        return blocks;
    }

    private static void AddBlocks(List<(long Start, long End, long Bound)> blocks, SparseIndex index, long start, long end)
    {
        for (var position = Math.Max(0, index.FloorByOffset(start)); position < index.Count && index[position].Offset < end; position++)
        {
            var next = position + 1 < index.Count ? index[position + 1].Offset : end;
            blocks.Add((Math.Max(start, index[position].Offset), Math.Min(end, next), index[position].MaxTimestamp));
        }
    }
}
