using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Checkpoints;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;
using OrleansStream.Storage.Recovery;

namespace OrleansStream.Storage;

/// <content>Opening a log: the checkpoint, then a scan of what was written after it.</content>
public sealed partial class PartitionLog
{
    /// <summary>Opens a log, or makes it. Logs can be opened concurrently; the environment bounds how many read at once.</summary>
    /// <exception cref="LogOfflineException">
    /// The directory cannot be read, is damaged, belongs to another partition or was written by another version. The log
    /// stays as it is: it is never taken for an empty one.
    /// </exception>
    public static async Task<PartitionLog> OpenAsync(PartitionLogOptions options, CancellationToken cancellationToken = default)
    {
        var log = new PartitionLog(options);
        options.Environment.Register(log._directory, log);
        try
        {
            await options.Environment.ReadGate.WaitAsync(cancellationToken);
            try
            {
                await Task.Run(log.Recover, cancellationToken);
            }
            finally
            {
                options.Environment.ReadGate.Release();
            }
        }
        catch (Exception exception)
        {
            log._files?.Dispose();
            options.Environment.Unregister(log._directory, log);
            if (IsIoFailure(exception) && exception is not LogOfflineException)
            {
                throw new LogOfflineException($"{log.TopicPartition} is offline: {exception.Message}", exception);
            }

            throw;
        }

        return log;
    }

    private void Recover()
    {
        var started = _environment.Time.GetTimestamp();
        var fileSystem = _environment.FileSystem;
        fileSystem.CreateDirectory(_directory);
        var identity = LogIdentity.TryLoad(fileSystem, _directory, TopicPartition, TopicId) ?? CreateIdentity();
        _files = new SegmentFiles(fileSystem, _environment.Handles, _directory, identity.Generation, new LogGeometry(identity.PageBytes, identity.SegmentBytes));
        _index = new SparseIndex(_files.Geometry);
        var segments = new FoundSegments(_files);
        OpenCompactedPart();
        var checkpoint = LoadCheckpoint();
        var provenAddress = checkpoint?.Address ?? 0;
        if (checkpoint is not null)
        {
            segments.RequireDurable(checkpoint, _tailStart);
            if (!TryLoadIndexes(checkpoint))
            {
                ScanningEverything(_environment.Logger, TopicPartition, "An index file is missing or damaged", _directory);
                checkpoint = null;
            }
        }

        if (checkpoint is null)
        {
            StartAtFirstSegment(segments);
        }

        var from = _tail;
        var end = segments.Count == 0 ? _tail : segments.EndAddress;
        var wasCut = Scan(end, provenAddress);
        if (_tail > from || wasCut)
        {
            _files.CutAndFlush(_tail, _files.Geometry.SegmentOf(from));
            Recovered(_environment.Logger, TopicPartition, _tail - from, _logEnd, (long)_environment.Time.GetElapsedTime(started).TotalMilliseconds);
        }

        SaveManifestOfCutPart();
        _startBlock = true;
        WasCleanShutdown = _tail == from && !wasCut && (checkpoint is { CleanShutdown: true } || (segments.Count == 0 && _part is null));
        DeleteLeftovers(segments);
        _flushedAddress = _tail;
        _commitAddress = _tail;
        _commitOffset = _logEnd;
        _flushedOffset = _logEnd;
        _checkpointAddress = checkpoint is null ? -1 : from;
        _checkpointTimestamp = _environment.Time.GetTimestamp();
        _lastAppend = _checkpointTimestamp;
        if (_tail != _checkpointAddress && segments.Count > 0)
        {
            // So that the next recovery does not scan the same again.
            _environment.NoteActive(this);
        }
    }

    private LogIdentity CreateIdentity()
    {
        var strange = _environment.FileSystem.List(_directory).FirstOrDefault(file => !file.Name.EndsWith(".tmp", StringComparison.Ordinal));
        if (strange.Name is not null)
        {
            throw new InvalidDataException($"{_directory} holds {strange.Name} but no {LogIdentity.FileName}: it is not known whose log that is.");
        }

        var identity = new LogIdentity(
            LogIdentity.CurrentFormatVersion,
            TopicPartition.Topic,
            TopicPartition.Partition,
            TopicId,
            Generation: 0,
            _environment.Options.PageBytes,
            Math.Max(LogGeometry.SegmentBytesFor(_config.SegmentBytes), _environment.Options.PageBytes));
        identity.Save(_environment.FileSystem, _directory);
        return identity;
    }

    private LogCheckpoint? LoadCheckpoint()
    {
        var checkpoint = LogCheckpoint.TryLoad(_environment.FileSystem, _directory, out var isDamaged);
        if (isDamaged)
        {
            ScanningEverything(_environment.Logger, TopicPartition, "The checkpoint is damaged", _directory);
        }
        else if (checkpoint is not null && checkpoint.Generation != _files.Generation)
        {
            ScanningEverything(_environment.Logger, TopicPartition, $"The checkpoint is of generation {checkpoint.Generation}", _directory);
            return null;
        }
        else if (checkpoint is not null && checkpoint.Address < _tailStart)
        {
            // A compaction has taken in everything that it speaks of.
            return null;
        }

        return checkpoint;
    }

    private bool TryLoadIndexes(LogCheckpoint checkpoint)
    {
        var index = new SparseIndex(_files.Geometry);
        var voids = new VoidRanges([.. checkpoint.VoidRanges]);
        var first = Math.Max(checkpoint.FirstSegment, _files.Geometry.SegmentOf(_tailStart));
        for (var segment = first; segment < checkpoint.FirstUnindexedSegment; segment++)
        {
            var entries = SegmentIndexFile.TryLoad(_files, segment);
            if (entries is null)
            {
                return false;
            }

            AddTo(index, entries, voids, _tailStart);
        }

        AddTo(index, checkpoint.Entries, voids, _tailStart);
        _index = index;
        _voids = voids;
        _epochs.Clear();
        foreach (var epoch in checkpoint.Epochs)
        {
            _epochs.Append(epoch.Epoch, epoch.StartOffset);
        }

        _latestEpoch = _epochs.Latest;
        _firstSegment = first;
        _firstUnindexedSegment = checkpoint.FirstUnindexedSegment;
        _logStart = Math.Max(checkpoint.LogStartOffset, _logStart);
        _logEnd = checkpoint.LogEndOffset;
        _maxTimestamp = checkpoint.MaxTimestamp;
        _maxTimestampOffset = checkpoint.MaxTimestampOffset;
        _tail = checkpoint.Address;
        _previousEntry = checkpoint.PreviousAddress;
        return true;
    }

    private static void AddTo(SparseIndex index, IEnumerable<IndexEntry> entries, VoidRanges voids, long from)
    {
        foreach (var entry in entries)
        {
            // An index file can be older than a truncation that made part of its segment void, or a compaction that took it in.
            if (entry.Address >= from && !voids.Contains(entry.Address, out _))
            {
                index.Add(entry);
            }
        }
    }

    private void StartAtFirstSegment(FoundSegments segments)
    {
        if (_part is not null && !(segments.Count > 0 && _part.SizeBytes == 0 && segments.First > _files.Geometry.SegmentOf(_tailStart)))
        {
            _firstSegment = _files.Geometry.SegmentOf(_tailStart);
            _firstUnindexedSegment = _firstSegment;
            _tail = _tailStart;
            segments.RequireNoGapFrom(_firstSegment);
            return;
        }

        if (segments.Count == 0)
        {
            return;
        }

        _firstSegment = segments.First;
        _firstUnindexedSegment = _firstSegment;
        _tail = _files.Geometry.FirstEntryOf(_firstSegment);
        segments.RequireNoGapFrom(_firstSegment);
    }

    /// <summary>Reads entries from <c>_tail</c> on and moves it to where they end. True if there is something to cut behind it.</summary>
    private bool Scan(long end, long provenAddress)
    {
        var isStartUnknown = _previousEntry < 0 && _tail > LogGeometry.FirstAddress && (_part is null || _tail != _tailStart);
        var scan = new TailScan(_files, _tail, _previousEntry);
        try
        {
            scan.Run(end, provenAddress, isStartUnknown, ApplyScanned);
        }
        catch (DamagedLogException damage)
        {
            throw WithOffset(damage);
        }

        (_tail, _previousEntry) = (scan.Tail, scan.PreviousEntry);
        if (scan.CutReason is null)
        {
            return false;
        }

        CutTornTail(_environment.Logger, TopicPartition, _tail, _logEnd, _files.PathOf(_files.Geometry.SegmentOf(_tail)), scan.CutReason);
        return true;
    }

    /// <summary>Takes an entry into the state; what is wrong with it, or null.</summary>
    private string? ApplyScanned(in ParsedEntry entry, bool isFirst)
    {
        switch (entry.Kind)
        {
            case EntryKind.Batch:
                if (!RecordBatchHeader.TryRead(entry.Payload, out var header) || header.LastOffsetDelta < 0)
                {
                    return "a batch has no valid header";
                }

                if (header.BaseOffset < _logEnd && !isFirst)
                {
                    return $"a batch at offset {header.BaseOffset} follows the end {_logEnd}";
                }

                if (isFirst)
                {
                    // Without a checkpoint the log starts with the first batch that is still there.
                    _logStart = header.BaseOffset;
                }

                ApplyBatch(entry.Address, header.BaseOffset, header.LastOffset, header.MaxTimestamp, header.PartitionLeaderEpoch);
                return null;
            case EntryKind.Continuation:
                return isFirst ? null : "a piece of a batch stands alone";
            case EntryKind.HeadTruncation:
                Apply(HeadTruncation.Read(entry.Payload));
                return null;
            default:
                Apply(TailTruncation.Read(entry.Payload), entry.EndAddress);
                return null;
        }
    }

    private void DeleteLeftovers(FoundSegments segments)
    {
        var deleted = false;
        foreach (var segment in segments.Segments)
        {
            if (segment < _firstSegment)
            {
                _files.Delete(segment);
                deleted = true;
            }
        }

        deleted |= DeleteOtherGenerations();

        foreach (var file in _environment.FileSystem.List(_directory))
        {
            if (file.Name.EndsWith(".tmp", StringComparison.Ordinal))
            {
                _environment.FileSystem.Delete(Path.Combine(_directory, file.Name));
                deleted = true;
            }
        }

        if (deleted)
        {
            _environment.FileSystem.SyncDirectory(_directory);
        }
    }
}
