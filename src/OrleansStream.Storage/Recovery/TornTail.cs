using System.Buffers.Binary;
using OrleansStream.Storage.Buffers;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Recovery;

/// <summary>
/// Where a scan stops, it is decided whether that is the log's end, an unfinished write that nobody was promised, or
/// damage to data that may have been acknowledged. Only the first two let the log open.
/// </summary>
/// <remarks>
/// <para>Damage is certain when something proves that the place was durable once: the checkpoint, or a later entry, which
/// carries what was durable when it was appended. Without proof the place belongs to the last device writes. Storage
/// writes sectors whole and the space behind the log's end is zero, so a write that was not finished leaves a sector that
/// is still zero. Bytes that are all there and do not verify are therefore damage as well.</para>
/// <para>One sector may hold more than was flushed: it is written whole while the next entry is being copied into it. Such an
/// entry has no length yet, which FASTER sets last, and nothing stands behind its sector.</para>
/// </remarks>
/// <param name="files">The files that were scanned.</param>
/// <param name="tail">Where the scan stopped: the end of the last entry.</param>
/// <param name="end">Where the files end.</param>
internal sealed class TornTail(SegmentFiles files, long tail, long end)
{
    /// <summary>Decides about the end of a scan. True if there is something to cut.</summary>
    /// <param name="status">What the parser met.</param>
    /// <param name="damage">What it says of that.</param>
    /// <param name="provenAddress">What the checkpoint calls durable.</param>
    /// <exception cref="DamagedLogException">Something that was durable is not there any more.</exception>
    public bool MustBeCut(ParseStatus status, EntryDamage damage, long provenAddress)
    {
        var reason = status == ParseStatus.End ? "nothing was written there" : damage.Reason;
        if (tail < provenAddress)
        {
            throw new DamagedLogException(files, tail, $"{reason}, and the checkpoint calls the log durable up to address {provenAddress}");
        }

        var rest = LastNonZero(tail, end);
        if (rest < 0)
        {
            return false;
        }

        var proof = FindProof();
        if (proof >= 0)
        {
            throw new DamagedLogException(files, tail, $"{reason}, and the entry at address {proof} says that it was durable before");
        }

        bool torn;
        if (status == ParseStatus.End)
        {
            torn = rest < SectorEnd(tail) || IsUnwrittenEntry();
        }
        else if (damage.MissingEntry >= 0)
        {
            // A later page was written, the entries before it were not.
            torn = damage.MissingEntry >= tail && LastNonZero(tail, Math.Min(SectorEnd(tail), end)) < 0;
        }
        else
        {
            torn = damage.Unwritten || HasUnwrittenSector(damage.Address, damage.EndAddress);
        }

        if (!torn)
        {
            throw new DamagedLogException(files, tail, $"{reason}, and no part of it is unwritten");
        }

        return true;
    }

    /// <summary>Whether the rest of the sector is zero where the entry after the tail would start.</summary>
    private bool IsUnwrittenEntry()
    {
        var geometry = files.Geometry;
        var room = geometry.PageEnd(tail) - tail;
        var start = room < EntryHeader.MinRoom ? geometry.PageEnd(tail) : tail;
        return LastNonZero(start, Math.Min(SectorEnd(start), end)) < 0;
    }

    private static long SectorEnd(long address) => (address | (SegmentDevice.SectorBytes - 1L)) + 1;

    /// <summary>The address of the last byte that is not zero in a range; -1 if all are.</summary>
    private long LastNonZero(long from, long end)
    {
        var page = new byte[files.Geometry.PageBytes];
        for (var until = end; until > from;)
        {
            var start = Math.Max(from, files.Geometry.PageStart(until - 1));
            var read = page.AsSpan(0, (int)(until - start));
            read = read[..files.Read(start, read)];
            var position = read.LastIndexOfAnyExcept((byte)0);
            if (position >= 0)
            {
                return start + position;
            }

            until = start;
        }

        return -1;
    }

    /// <summary>The address of an entry that was appended when the byte at the tail was durable; -1 if there is none.</summary>
    private long FindProof()
    {
        var geometry = files.Geometry;
        var page = new byte[geometry.PageBytes];
        for (var start = geometry.PageStart(tail); start < end; start += geometry.PageBytes)
        {
            var read = page.AsSpan(0, (int)Math.Min(page.Length, end - start));
            read = read[..files.Read(start, read)];

            // Entries stand at multiples of four. Which of them start one is unknown behind a damaged one.
            for (var position = (int)Math.Max(0, tail + 4 - start) & ~3; position + EntryHeader.MinRoom <= read.Length; position += 4)
            {
                if (IsProof(read[position..], start + position, tail))
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
    private bool HasUnwrittenSector(long address, long endAddress)
    {
        const int sector = SegmentDevice.SectorBytes;
        var first = address & ~(sector - 1L);
        var last = (endAddress + sector - 1) & ~(sector - 1L);
        var bytes = new byte[checked((int)(last - first))];
        var available = Math.Max(0, (int)(Math.Min(last, end) - first));
        files.Read(first, bytes.AsSpan(0, available));
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
