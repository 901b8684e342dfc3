using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Indexes;

/// <summary>
/// Offset, address and timestamp of one batch per interval: the offset index and the time index in one. Ordered by
/// offset and by address. Not thread-safe.
/// </summary>
/// <remarks>
/// Memory: <see cref="IndexEntry.Size"/> bytes per interval of at least <see cref="MinIntervalBytes"/>: at most 0.75 MiB
/// per GiB of log, plus one entry per segment.
/// </remarks>
internal sealed class SparseIndex(LogGeometry geometry)
{
    /// <summary>A smaller <c>index.interval.bytes</c> counts as this: reading so much costs less than the memory.</summary>
    public const int MinIntervalBytes = 32 * 1024;

    private IndexEntry[] _entries = [];
    private int _start;

    public int Count { get; private set; }

    public IndexEntry this[int position] => _entries[_start + position];

    /// <summary>Notes a batch that was appended: opens a block at it or widens the last one.</summary>
    public void Append(long offset, long address, long maxTimestamp, int intervalBytes, bool startBlock = false)
    {
        if (Count > 0 && !startBlock)
        {
            var last = this[Count - 1];
            if (address - last.Address < Math.Max(intervalBytes, MinIntervalBytes)
                && geometry.SegmentOf(address) == geometry.SegmentOf(last.Address))
            {
                if (maxTimestamp > last.MaxTimestamp)
                {
                    _entries[_start + Count - 1] = last with { MaxTimestamp = maxTimestamp };
                }

                return;
            }
        }

        Add(new IndexEntry(offset, address, maxTimestamp));
    }

    /// <summary>Adds an entry as it was stored.</summary>
    public void Add(IndexEntry entry)
    {
        if (_start + Count == _entries.Length)
        {
            if (_start > Count)
            {
                Array.Copy(_entries, _start, _entries, 0, Count);
            }
            else
            {
                var larger = new IndexEntry[Math.Max(8, Count + (Count / 2))];
                Array.Copy(_entries, _start, larger, 0, Count);
                _entries = larger;
            }

            _start = 0;
        }

        _entries[_start + Count++] = entry;
    }

    /// <summary>The position of the last entry that is not above an offset; -1 if there is none.</summary>
    public int FloorByOffset(long offset)
    {
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (this[middle].Offset <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }

    /// <summary>The position of the first entry at or above an address; <see cref="Count"/> if there is none.</summary>
    public int CeilingByAddress(long address)
    {
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (this[middle].Address < address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>The position, at or after another, of the first block that may hold a timestamp; -1 if there is none.</summary>
    public int FindByTimestamp(long timestamp, int from)
    {
        for (var position = Math.Max(0, from); position < Count; position++)
        {
            if (this[position].MaxTimestamp >= timestamp)
            {
                return position;
            }
        }

        return -1;
    }

    /// <summary>The largest timestamp of a segment's blocks; -1 if it has none.</summary>
    public long MaxTimestampOf(int segment)
    {
        var max = -1L;
        for (var position = CeilingByAddress(geometry.SegmentStart(segment));
             position < Count && geometry.SegmentOf(this[position].Address) == segment;
             position++)
        {
            max = Math.Max(max, this[position].MaxTimestamp);
        }

        return max;
    }

    /// <summary>Drops the blocks that lie wholly before an address.</summary>
    public void CutHead(long address)
    {
        var kept = CeilingByAddress(address);
        _start += kept;
        Count -= kept;
    }

    /// <summary>Drops the blocks that start at or above an address.</summary>
    public void CutTail(long address) => Count = CeilingByAddress(address);

    /// <summary>The entries whose address lies in a range.</summary>
    public ReadOnlySpan<IndexEntry> Between(long fromAddress, long untilAddress)
    {
        var first = CeilingByAddress(fromAddress);
        return _entries.AsSpan(_start + first, CeilingByAddress(untilAddress) - first);
    }
}
