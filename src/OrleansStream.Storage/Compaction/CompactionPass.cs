using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Compaction;

/// <summary>
/// A pass of compaction. Two scans: one over what is new, which fills the map of keys, and one over everything below the
/// cut, which writes the files of a new generation. Nothing refers to them until the log puts them in their place.
/// </summary>
/// <param name="plan">What to work on.</param>
/// <param name="rules">What stays.</param>
/// <param name="source">The log's files behind its compacted part.</param>
/// <param name="files">The new generation.</param>
/// <param name="memory">The cleaner's memory.</param>
/// <param name="endOfBlock">The end of the block of the log's index that holds an address, at most a cut.</param>
internal sealed class CompactionPass(
    CompactionPlan plan, PassRules rules, SegmentFiles source, SegmentFiles files, CompactionMemory memory, Func<long, Cut, Cut> endOfBlock)
{
    /// <summary>Writes the new generation; it is on stable storage when this returns.</summary>
    /// <exception cref="IOException">Files cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">What was read is damaged.</exception>
    /// <exception cref="Protocol.ProtocolException">A batch cannot be read although its CRC is right.</exception>
    public NewGeneration Run(CancellationToken cancellationToken)
    {
        var map = FillMap(out var cut, out var aborted, cancellationToken);
        using var writer = new CompactedWriter(files, rules.IndexIntervalBytes);
        using var cleaner = new BatchCleaner(
            map, new CleanedTransactions(aborted), rules.Request.Producers, rules.Request.NowMs, rules.Compaction.DeleteRetentionMs, plan.LogEndOffset - 1);
        var read = Rewrite(cut, cleaner, writer, cancellationToken);
        writer.Complete();
        var result = new CompactionResult(
            true,
            Math.Min(map.LatestOffset + 1, cut.Offset),
            cleaner.RecordsRead,
            cleaner.RecordsKept,
            read,
            writer.EndAddress - LogGeometry.FirstAddress);
        return new NewGeneration(files, writer.Index, writer.EndAddress, writer.MaxTimestamp, writer.MaxTimestampOffset, cut, result);
    }

    /// <summary>Notes the last offset of each key from the first record that is not compacted on, until the cut or until the map is full.</summary>
    private OffsetMap FillMap(out Cut cut, out AbortedTransactions? aborted, CancellationToken cancellationToken)
    {
        aborted = null;
        cut = new Cut(plan.CutAddress, plan.CutOffset);
        var map = memory.CreateMap(plan.CutOffset - plan.DirtyOffset);
        using var reader = new RecordReader(new RecordReaderOptions { CheckCrc = false });
        if (plan.Part is { DirtyBytes: > 0 } part)
        {
            using var scan = new LogScan(part.Files, VoidRanges.None, plan.DirtyAddressInPart, part.EndAddress, memory);
            while (scan.MoveNext())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!Note(scan, ref aborted))
                {
                    // Nothing of the rest is looked at, so it stays where it is.
                    cut = new Cut(plan.TailStart, part.EndOffset);
                    return map;
                }
            }
        }

        using var tail = new LogScan(source, plan.Voids, plan.TailStart, plan.CutAddress, memory);
        while (tail.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!Note(tail, ref aborted))
            {
                cut = endOfBlock(tail.Address, cut);
                return map;
            }
        }

        map.AdvanceTo(plan.CutOffset - 1);
        return map;

        bool Note(LogScan scan, ref AbortedTransactions? transactions)
        {
            var header = scan.Header;
            if (header.LastOffset < plan.DirtyOffset)
            {
                return true;
            }

            if (header.IsTransactional && !header.IsControl)
            {
                transactions ??= FindAborted(cancellationToken);
            }

            if (header.IsControl || header.RecordCount == 0 || (header.IsTransactional && transactions!.Contains(header.ProducerId, header.BaseOffset)))
            {
                map.AdvanceTo(header.LastOffset);
                return true;
            }

            reader.Open(scan.Batch);
            while (reader.TryRead(out var record))
            {
                if (record.Offset >= plan.DirtyOffset && record.Key.HasValue && !map.TryPut(record.Key.Span, record.Offset))
                {
                    return false;
                }
            }

            map.AdvanceTo(header.LastOffset);
            return true;
        }
    }

    /// <summary>
    /// The transactions that were aborted, from the first record that is not compacted to the end of the log: a marker can
    /// stand behind the cut.
    /// </summary>
    private AbortedTransactions FindAborted(CancellationToken cancellationToken)
    {
        var aborted = new AbortedTransactions();
        var scratch = new CompactionMemory(0);
        if (plan.Part is { DirtyBytes: > 0 } part)
        {
            Look(new LogScan(part.Files, VoidRanges.None, part.StartAddress, part.EndAddress, scratch));
        }

        Look(new LogScan(source, plan.Voids, plan.TailStart, plan.FlushedAddress, scratch));
        return aborted;

        void Look(LogScan scan)
        {
            using var reader = new RecordReader(new RecordReaderOptions { CheckCrc = false });
            using (scan)
            {
                while (scan.MoveNext())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var header = scan.Header;
                    if (!header.IsTransactional || header.LastOffset < plan.DirtyOffset)
                    {
                        continue;
                    }

                    if (!header.IsControl)
                    {
                        aborted.OnBatch(header.ProducerId, header.BaseOffset);
                        continue;
                    }

                    reader.Open(scan.Batch);
                    if (reader.TryRead(out var record) && EndTransactionMarker.TryRead(record, out var marker))
                    {
                        aborted.OnMarker(header.ProducerId, header.BaseOffset, marker.Type == ControlRecordType.Abort);
                    }
                }
            }
        }
    }

    /// <summary>Writes what stays of everything below the cut; the bytes that were read.</summary>
    private long Rewrite(Cut cut, BatchCleaner cleaner, CompactedWriter writer, CancellationToken cancellationToken)
    {
        var read = 0L;
        if (plan.Part is { SizeBytes: > 0 } part)
        {
            RewriteRange(new LogScan(part.Files, VoidRanges.None, part.StartAddress, part.EndAddress, memory));
        }

        RewriteRange(new LogScan(source, plan.Voids, plan.TailStart, cut.Address, memory));
        return read;

        void RewriteRange(LogScan scan)
        {
            using (scan)
            {
                while (scan.MoveNext())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var header = scan.Header;
                    if (header.LastOffset < plan.LogStartOffset)
                    {
                        continue;
                    }

                    read += scan.Batch.Length;
                    var kept = cleaner.Clean(scan.Batch, header);
                    if (kept.Length > 0 && RecordBatchHeader.TryRead(kept.Span, out var keptHeader))
                    {
                        writer.Append(kept.Span, keptHeader);
                    }
                }
            }
        }
    }
}

/// <summary>Where a pass ends.</summary>
internal readonly record struct Cut(long Address, long Offset);

/// <summary>A generation that is on stable storage and that nothing refers to yet.</summary>
internal sealed record NewGeneration(
    SegmentFiles Files, SparseIndex Index, long EndAddress, long MaxTimestamp, long MaxTimestampOffset, Cut Cut, CompactionResult Result);

/// <summary>What stays.</summary>
/// <param name="Request">What the caller says of it.</param>
/// <param name="Compaction">What the topic says.</param>
/// <param name="IndexIntervalBytes">The distance of the entries of the index.</param>
internal sealed record PassRules(CompactionRequest Request, CompactionConfig Compaction, int IndexIntervalBytes);
