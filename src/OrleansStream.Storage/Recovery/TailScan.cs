using System.Buffers;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Recovery;

/// <summary>Takes an entry of the scan into the log's state.</summary>
/// <param name="entry">The entry.</param>
/// <param name="isFirst">Whether nothing before it is known.</param>
/// <returns>What is wrong with it, or null.</returns>
internal delegate string? EntryVisitor(in ParsedEntry entry, bool isFirst);

/// <summary>Reads the entries behind a checkpoint, and finds out where the log ends.</summary>
/// <param name="files">The files.</param>
/// <param name="start">Where to begin.</param>
/// <param name="previousEntry">The address of the entry before; -1 if it is not known.</param>
internal sealed class TailScan(SegmentFiles files, long start, long previousEntry)
{
    private const int BlockBytes = 1024 * 1024;

    /// <summary>The end of the last entry.</summary>
    public long Tail { get; private set; } = start;

    /// <summary>The address of the last entry; -1 if there is none.</summary>
    public long PreviousEntry { get; private set; } = previousEntry;

    /// <summary>Why the bytes behind <see cref="Tail"/> have to be cut; null if there are none.</summary>
    public string? CutReason { get; private set; }

    /// <summary>Reads to the end.</summary>
    /// <param name="end">Where the files end.</param>
    /// <param name="provenAddress">Everything below is known to have been durable.</param>
    /// <param name="isStartUnknown">The log begins somewhere before, so that the first entry may be the rest of one.</param>
    /// <param name="visit">Called for each entry.</param>
    /// <exception cref="DamagedLogException">What was durable is not there any more.</exception>
    public void Run(long end, long provenAddress, bool isStartUnknown, EntryVisitor visit)
    {
        if (end <= Tail)
        {
            return;
        }

        var isFirst = isStartUnknown;
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            while (Tail < end)
            {
                var wanted = (int)Math.Min(block.Length, end - Tail);
                var raw = block.AsSpan(0, wanted);
                raw = raw[..files.Read(Tail, raw)];
                var parser = new EntryParser(files.Geometry, raw, Tail, PreviousEntry, verifyBatches: true);
                var blockStart = Tail;
                var status = ScanBlock(ref parser, ref isFirst, visit);
                if (status != ParseStatus.NeedMore)
                {
                    Judge(status, parser.Damage, end, provenAddress);
                    return;
                }

                if (Tail > blockStart)
                {
                    continue;
                }

                if (raw.Length < wanted || blockStart + raw.Length >= end)
                {
                    Judge(ParseStatus.Damaged, new EntryDamage(Tail, end, "the file ends within an entry", Unwritten: true), end, provenAddress);
                    return;
                }

                ArrayPool<byte>.Shared.Return(block);
                block = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(parser.NeededBytes, 2L * block.Length)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private ParseStatus ScanBlock(ref EntryParser parser, ref bool isFirst, EntryVisitor visit)
    {
        while (true)
        {
            var status = parser.Next(out var entry);
            if (status != ParseStatus.Entry)
            {
                return status;
            }

            if (visit(entry, isFirst) is { } disorder)
            {
                throw new DamagedLogException(files, Tail, disorder);
            }

            isFirst &= entry.Kind == EntryKind.Continuation;
            Tail = entry.EndAddress;
            PreviousEntry = parser.PreviousAddress;
        }
    }

    private void Judge(ParseStatus status, EntryDamage damage, long end, long provenAddress)
    {
        if (new TornTail(files, Tail, end).MustBeCut(status, damage, provenAddress))
        {
            CutReason = status == ParseStatus.End ? "nothing was written there" : damage.Reason;
        }
    }
}
