using System.Buffers.Binary;
using OrleansStream.Storage.Buffers;
using OrleansStream.Storage.Entries;

namespace OrleansStream.Storage;

/// <content>
/// Where a scan stops, it is decided whether that is the log's end, an unfinished write that nobody was promised, or
/// damage to data that may have been acknowledged. Only the first two let the log open.
/// </content>
/// <remarks>
/// <para>Damage is certain when something proves that the place was durable once: the checkpoint, or a later entry, which
/// carries what was durable when it was appended. Without proof the place belongs to the last device writes. Storage
/// writes sectors whole and the space behind the log's end is zero, so a write that was not finished leaves a sector that
/// is still zero. Bytes that are all there and do not verify are therefore damage as well.</para>
/// <para>One sector may hold more than was flushed: it is written whole while the next entry is being copied into it. Such an
/// entry has no length yet, which FASTER sets last, and nothing stands behind its sector.</para>
/// </remarks>
public sealed partial class PartitionLog
{
    /// <summary>Decides about the end of a scan at <c>_tail</c>. True if there is something to cut.</summary>
    private bool JudgeEnd(ParseStatus status, EntryDamage damage, long end, long provenAddress)
    {
        var reason = status == ParseStatus.End ? "nothing was written there" : damage.Reason;
        if (_tail < provenAddress)
        {
            throw Damage(_tail, $"{reason}, and the checkpoint calls the log durable up to address {provenAddress}");
        }

        var rest = LastNonZero(_tail, end);
        if (rest < 0)
        {
            return false;
        }

        var proof = FindProof(_tail, end);
        if (proof >= 0)
        {
            throw Damage(_tail, $"{reason}, and the entry at address {proof} says that it was durable before");
        }

        bool torn;
        if (status == ParseStatus.End)
        {
            torn = rest < SectorEnd(_tail) || IsUnwrittenEntry(end);
        }
        else if (damage.MissingEntry >= 0)
        {
            // A later page was written, the entries before it were not.
            torn = damage.MissingEntry >= _tail && LastNonZero(_tail, Math.Min(SectorEnd(_tail), end)) < 0;
        }
        else
        {
            torn = damage.Unwritten || HasUnwrittenSector(damage.Address, damage.EndAddress, end);
        }

        if (!torn)
        {
            throw Damage(_tail, $"{reason}, and no part of it is unwritten");
        }

        CutTornTail(_environment.Logger, TopicPartition, _tail, _logEnd, _files.PathOf(_files.Geometry.SegmentOf(_tail)), reason);
        return true;
    }

    /// <summary>Whether the rest of the sector is zero where the entry after <c>_tail</c> would start.</summary>
    private bool IsUnwrittenEntry(long end)
    {
        var geometry = _files.Geometry;
        var room = geometry.PageEnd(_tail) - _tail;
        var start = room < EntryHeader.MinRoom ? geometry.PageEnd(_tail) : _tail;
        return LastNonZero(start, Math.Min(SectorEnd(start), end)) < 0;
    }

    private static long SectorEnd(long address) => (address | (SegmentDevice.SectorBytes - 1L)) + 1;

    /// <summary>The address of the last byte that is not zero in a range; -1 if all are.</summary>
    private long LastNonZero(long from, long end)
    {
        var page = new byte[_files.Geometry.PageBytes];
        for (var until = end; until > from;)
        {
            var start = Math.Max(from, _files.Geometry.PageStart(until - 1));
            var read = page.AsSpan(0, (int)(until - start));
            read = read[.._files.Read(start, read)];
            var position = read.LastIndexOfAnyExcept((byte)0);
            if (position >= 0)
            {
                return start + position;
            }

            until = start;
        }

        return -1;
    }

    /// <summary>The address of an entry that was appended when the byte at an address was durable; -1 if there is none.</summary>
    private long FindProof(long address, long end)
    {
        var geometry = _files.Geometry;
        var page = new byte[geometry.PageBytes];
        for (var start = geometry.PageStart(address); start < end; start += geometry.PageBytes)
        {
            var read = page.AsSpan(0, (int)Math.Min(page.Length, end - start));
            read = read[.._files.Read(start, read)];

            // Entries stand at multiples of four. Which of them start one is unknown behind a damaged one.
            for (var position = (int)Math.Max(0, address + 4 - start) & ~3; position + EntryHeader.MinRoom <= read.Length; position += 4)
            {
                if (IsProof(read[position..], start + position, address))
                {
                    return start + position;
                }
            }
        }

        return -1;
    }

    private static bool IsProof(ReadOnlySpan<byte> bytes, long at, long address)
    {
        var entry = bytes[EntryHeader.LengthSize..];
        if (!EntryHeader.LooksLikeEntry(entry))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length > 0
            && length <= entry.Length
            && EntryHeader.TryRead(entry[..length], length, at, out var header) == true
            && at - header.UndurableDistance > address;
    }

    /// <summary>
    /// Whether a range holds a sector that was never written, or ends in one that was not written to its end.
    /// </summary>
    private bool HasUnwrittenSector(long address, long endAddress, long end)
    {
        const int sector = SegmentDevice.SectorBytes;
        var first = address & ~(sector - 1L);
        var last = (endAddress + sector - 1) & ~(sector - 1L);
        var bytes = new byte[checked((int)(last - first))];
        var available = Math.Max(0, (int)(Math.Min(last, end) - first));
        _files.Read(first, bytes.AsSpan(0, available));
        for (var start = first; start < last; start += sector)
        {
            // Only the part that belongs to the range says something.
            var from = Math.Max(start, address);
            var until = Math.Min(start + sector, endAddress);
            var written = bytes.AsSpan((int)(from - first), (int)(start + sector - from)).LastIndexOfAnyExcept((byte)0) + 1;
            var isLast = until == endAddress;
            if (isLast ? from + written < until : written == 0)
            {
                return true;
            }
        }

        return false;
    }
}
