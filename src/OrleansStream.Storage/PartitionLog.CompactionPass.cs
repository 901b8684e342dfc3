using OrleansStream.Protocol;
using OrleansStream.Protocol.Compression;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Compaction;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage;

/// <content>
/// A pass of compaction. Two scans: one over what is new, which fills the map of keys, and one over everything below the
/// cut, which writes the files of a new generation. Then the manifest is replaced, which is the moment at which the pass
/// happens, and what it replaces is deleted.
/// </content>
public sealed partial class PartitionLog
{
    /// <inheritdoc/>
    public async Task<CompactionResult> CompactAsync(CompactionRequest request, CompactionMemory memory, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await _compactionGate.WaitAsync(stopping.Token);
        try
        {
            CompactionPlan plan;
            LogConfig config;
            lock (_gate)
            {
                ThrowIfUnusable();
                config = _config;
                plan = PlanCompaction(request.LimitOffset, request.NowMs);
            }

            if (plan.DirtyBytes == 0 || config.Compaction is not { } compaction)
            {
                return default;
            }

            // Reading, comparing and writing take a thread for as long as they last.
            return await Task.Factory.StartNew(
                () => RunPassAsync(plan, new PassRules(request, compaction, config.IndexIntervalBytes), memory, stopping.Token),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).Unwrap();
        }
        finally
        {
            _compactionGate.Release();
        }
    }

    private async Task<CompactionResult> RunPassAsync(CompactionPlan plan, PassRules rules, CompactionMemory memory, CancellationToken cancellationToken)
    {
        var generation = (plan.Part?.Files.Generation ?? _files.Generation) + 1;
        var files = new SegmentFiles(_environment.FileSystem, _environment.Handles, _directory, generation, _files.Geometry);
        if (WriteGeneration(plan, rules, files, memory, cancellationToken) is not { } written)
        {
            return default;
        }

        if (!await TrySwapAsync(plan, written, cancellationToken))
        {
            TryDeleteGeneration(files);
            return default;
        }

        var result = written.Result;
        Compacted(_environment.Logger, TopicPartition, result.CleanedOffset, result.RecordsRead, result.RecordsKept, result.BytesBefore, result.BytesAfter);
        return result;
    }

    /// <summary>Writes the files of the new generation; null if the log was truncated meanwhile.</summary>
    private NewGeneration? WriteGeneration(CompactionPlan plan, PassRules rules, SegmentFiles files, CompactionMemory memory, CancellationToken cancellationToken)
    {
        try
        {
            DeleteGeneration(files);
            var map = FillMap(plan, memory, out var cut, out var aborted, cancellationToken);
            using var writer = new CompactedWriter(files, rules.IndexIntervalBytes);
            using var cleaner = new BatchCleaner(map, new CleanedTransactions(aborted), rules.Request.Producers, rules.Request.NowMs, rules.Compaction.DeleteRetentionMs, plan.LogEndOffset - 1);
            var read = Rewrite(plan, cut, cleaner, writer, memory, cancellationToken);
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
        catch (Exception exception)
        {
            var isGivenUp = IsGivenUp(plan);
            TryDeleteGeneration(files);
            files.Dispose();
            if (isGivenUp)
            {
                // What the pass read was deleted or truncated under it.
                return null;
            }

            switch (exception)
            {
                case ProtocolException or CompressionUnavailableException:
                    throw new CompactionException($"{TopicPartition} cannot be compacted: {exception.Message}", exception);
                case InvalidDataException or FileNotFoundException:
                    throw GoOffline("compacting", exception);
                case IOException and not LogOfflineException or UnauthorizedAccessException:
                    throw new CompactionException($"{TopicPartition} cannot be compacted in {_directory}: {exception.Message}", exception);
                default:
                    throw;
            }
        }
    }

    /// <summary>Notes the last offset of each key from the first record that is not compacted on, until the cut or until the map is full.</summary>
    private OffsetMap FillMap(CompactionPlan plan, CompactionMemory memory, out Cut cut, out AbortedTransactions? aborted, CancellationToken cancellationToken)
    {
        aborted = null;
        cut = new Cut(plan.CutAddress, plan.CutOffset);
        var map = memory.CreateMap(plan.CutOffset - plan.DirtyOffset);
        using var reader = new RecordReader(new RecordReaderOptions { CheckCrc = false });
        if (plan.Part is { DirtyBytes: > 0 } part)
        {
            long from;
            lock (_gate)
            {
                from = part.Index[Math.Max(0, part.Index.FloorByOffset(plan.DirtyOffset))].Address;
            }

            using var scan = new LogScan(part.Files, VoidRanges.None, from, part.EndAddress, memory);
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

        using var tail = new LogScan(_files, plan.Voids, plan.TailStart, plan.CutAddress, memory);
        while (tail.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!Note(tail, ref aborted))
            {
                cut = EndOfBlock(tail.Address, cut);
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
                transactions ??= FindAborted(plan, cancellationToken);
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
    private AbortedTransactions FindAborted(CompactionPlan plan, CancellationToken cancellationToken)
    {
        var aborted = new AbortedTransactions();
        var memory = new CompactionMemory(0);
        long flushed;
        VoidRanges voids;
        lock (_gate)
        {
            (flushed, voids) = (_flushedAddress, _voids);
        }

        if (plan.Part is { DirtyBytes: > 0 } part)
        {
            Look(new LogScan(part.Files, VoidRanges.None, part.StartAddress, part.EndAddress, memory));
        }

        Look(new LogScan(_files, voids, plan.TailStart, flushed, memory));
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

    /// <summary>The end of the block of the index that holds an address.</summary>
    private Cut EndOfBlock(long address, Cut limit)
    {
        lock (_gate)
        {
            var next = _index.CeilingByAddress(address + 1);
            return next < _index.Count && _index[next].Address < limit.Address ? new Cut(_index[next].Address, _index[next].Offset) : limit;
        }
    }

    /// <summary>Writes what stays of everything below the cut; the bytes that were read.</summary>
    private long Rewrite(CompactionPlan plan, Cut cut, BatchCleaner cleaner, CompactedWriter writer, CompactionMemory memory, CancellationToken cancellationToken)
    {
        var read = 0L;
        if (plan.Part is { SizeBytes: > 0 } part)
        {
            RewriteRange(new LogScan(part.Files, VoidRanges.None, part.StartAddress, part.EndAddress, memory));
        }

        RewriteRange(new LogScan(_files, plan.Voids, plan.TailStart, cut.Address, memory));
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

    /// <summary>Whether the log was truncated since the pass began, so that it cannot be used.</summary>
    private bool IsGivenUp(in CompactionPlan plan)
    {
        lock (_gate)
        {
            return _offline is null && !_closed && (_tailTruncations != plan.TailTruncations || _part != plan.Part || _logStart > plan.LogStartOffset);
        }
    }

    private void DeleteGeneration(SegmentFiles files)
    {
        foreach (var segment in files.ListSegments().Keys.Union(files.ListIndexes()).ToList())
        {
            files.Delete(segment);
        }
    }

    private void TryDeleteGeneration(SegmentFiles files)
    {
        try
        {
            DeleteGeneration(files);
        }
        catch (Exception exception) when (IsIoFailure(exception))
        {
            // The next pass or the next opening deletes them: no manifest names them.
            LeftoverKept(_environment.Logger, TopicPartition, _directory, exception);
        }
    }

    /// <summary>Where a pass ends.</summary>
    private readonly record struct Cut(long Address, long Offset);

    /// <summary>A generation that is on stable storage and that nothing refers to yet.</summary>
    private sealed record NewGeneration(
        SegmentFiles Files, SparseIndex Index, long EndAddress, long MaxTimestamp, long MaxTimestampOffset, Cut Cut, CompactionResult Result);

    private sealed record PassRules(CompactionRequest Request, CompactionConfig Compaction, int IndexIntervalBytes);
}
