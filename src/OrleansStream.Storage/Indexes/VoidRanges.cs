namespace OrleansStream.Storage.Indexes;

/// <summary>
/// The address ranges that tail truncations made void, in order and apart from each other. Immutable, so that readers
/// can take it along.
/// </summary>
internal sealed class VoidRanges
{
    private readonly VoidRange[] _ranges;

    public VoidRanges(params VoidRange[] ranges) => _ranges = ranges;

    public static VoidRanges None { get; } = new();

    public ReadOnlySpan<VoidRange> Ranges => _ranges;

    /// <summary>With one more range at the end, which swallows those that it reaches back over.</summary>
    public VoidRanges Add(long from, long until)
    {
        var kept = _ranges.Where(range => range.Until < from).ToList();
        foreach (var range in _ranges)
        {
            if (range.Until >= from)
            {
                from = Math.Min(from, range.From);
            }
        }

        kept.Add(new VoidRange(from, until));
        return new VoidRanges([.. kept]);
    }

    /// <summary>Without the ranges that end at or before an address.</summary>
    public VoidRanges CutHead(long address) =>
        _ranges.Length > 0 && _ranges[0].Until <= address ? new VoidRanges([.. _ranges.Where(range => range.Until > address)]) : this;

    /// <summary>Whether an address lies in a void range, and where that range ends.</summary>
    public bool Contains(long address, out long until)
    {
        foreach (var range in _ranges)
        {
            if (address >= range.From && address < range.Until)
            {
                until = range.Until;
                return true;
            }
        }

        until = 0;
        return false;
    }

    /// <summary>The start of the first void range at or after an address; <see cref="long.MaxValue"/> if there is none.</summary>
    public long NextAfter(long address)
    {
        foreach (var range in _ranges)
        {
            if (range.From >= address)
            {
                return range.From;
            }
        }

        return long.MaxValue;
    }
}

/// <summary>Entries from one address to another that are void.</summary>
internal readonly record struct VoidRange(long From, long Until);
