using OrleansStream.Protocol;
using OrleansStream.Protocol.Compression;
using OrleansStream.Storage.Compaction;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage;

/// <content>
/// Compaction: a pass writes the files of a new generation, then the manifest is replaced, which is the moment at which the
/// pass happens, and what it replaces is deleted.
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
            return new CompactionPass(plan, rules, _files, files, memory, EndOfBlock).Run(cancellationToken);
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
                case InvalidDataException or DamagedLogException or FileNotFoundException:
                    throw GoOffline("compacting", exception);
                case IOException and not LogOfflineException or UnauthorizedAccessException:
                    throw new CompactionException($"{TopicPartition} cannot be compacted in {_directory}: {exception.Message}", exception);
                default:
                    throw;
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
}
