using System.Buffers;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Checkpoints;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage;

/// <content>Opening a log: the checkpoint, then a scan of what was written after it.</content>
public sealed partial class PartitionLog
{
    private const int ScanBlockBytes = 1024 * 1024;

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
        var segments = _files.ListSegments();
        OpenCompactedPart();
        var checkpoint = LoadCheckpoint();
        var provenAddress = checkpoint?.Address ?? 0;
        if (checkpoint is not null)
        {
            CheckSegments(segments, checkpoint);
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
        var end = segments.Count == 0 ? _tail : EndOf(segments);
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

    /// <summary>What the checkpoint calls durable has to be there.</summary>
    private void CheckSegments(SortedList<int, long> segments, LogCheckpoint checkpoint)
    {
        var geometry = _files.Geometry;
        var last = geometry.SegmentOf(checkpoint.Address);
        for (var segment = Math.Max(checkpoint.FirstSegment, geometry.SegmentOf(_tailStart)); segment <= last; segment++)
        {
            var needed = segment < last ? geometry.SegmentBytes : geometry.PositionInSegment(checkpoint.Address);
            if (checkpoint.Address <= geometry.FirstEntryOf(segment))
            {
                continue;
            }

            if (!segments.TryGetValue(segment, out var length))
            {
                throw new InvalidDataException($"{_files.PathOf(segment)} is missing; the log's checkpoint says that it is durable up to address {checkpoint.Address}.");
            }

            if (length < needed)
            {
                throw new InvalidDataException($"{_files.PathOf(segment)} has {length} bytes; {needed} of them were durable by the log's checkpoint.");
            }
        }
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

    private void StartAtFirstSegment(SortedList<int, long> segments)
    {
        if (_part is not null && !(segments.Count > 0 && _part.SizeBytes == 0 && segments.Keys[0] > _files.Geometry.SegmentOf(_tailStart)))
        {
            _firstSegment = _files.Geometry.SegmentOf(_tailStart);
            _firstUnindexedSegment = _firstSegment;
            _tail = _tailStart;
            var first = segments.IndexOfKey(_firstSegment);
            if (first >= 0)
            {
                CheckContiguous(segments, first);
            }

            return;
        }

        if (segments.Count == 0)
        {
            return;
        }

        _firstSegment = segments.Keys[0];
        _firstUnindexedSegment = _firstSegment;
        _tail = _files.Geometry.FirstEntryOf(_firstSegment);
        CheckContiguous(segments, 0);
    }

    private void CheckContiguous(SortedList<int, long> segments, int first)
    {
        for (var i = first + 1; i < segments.Count; i++)
        {
            if (segments.Keys[i] != segments.Keys[i - 1] + 1)
            {
                throw new InvalidDataException($"{_files.PathOf(segments.Keys[i - 1] + 1)} is missing between two segments of the log.");
            }
        }
    }

    private long EndOf(SortedList<int, long> segments) =>
        _files.Geometry.SegmentStart(segments.Keys[^1]) + segments.Values[^1];

    /// <summary>Reads entries from <c>_tail</c> on and moves it to where they end. True if there is something to cut behind it.</summary>
    private bool Scan(long end, long provenAddress)
    {
        if (end <= _tail)
        {
            return false;
        }

        var isFirst = _previousEntry < 0 && _tail > LogGeometry.FirstAddress && (_part is null || _tail != _tailStart);
        var size = ScanBlockBytes;
        var block = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            while (_tail < end)
            {
                var wanted = (int)Math.Min(block.Length, end - _tail);
                var raw = block.AsSpan(0, wanted);
                raw = raw[.._files.Read(_tail, raw)];
                var parser = new EntryParser(_files.Geometry, raw, _tail, _previousEntry, verifyBatches: true);
                var blockStart = _tail;
                var status = ScanBlock(ref parser, ref isFirst, out var disorder);
                if (disorder is not null)
                {
                    throw Damage(_tail, disorder);
                }

                if (status != ParseStatus.NeedMore)
                {
                    return JudgeEnd(status, parser.Damage, end, provenAddress);
                }

                if (raw.Length == 0 || blockStart + raw.Length >= end || raw.Length < wanted)
                {
                    if (_tail == blockStart)
                    {
                        // The file ends in the middle of an entry.
                        return JudgeEnd(ParseStatus.Damaged, new EntryDamage(_tail, end, "the file ends within an entry", Unwritten: true), end, provenAddress);
                    }
                }
                else if (_tail == blockStart)
                {
                    ArrayPool<byte>.Shared.Return(block);
                    block = ArrayPool<byte>.Shared.Rent(Math.Max(parser.NeededBytes, block.Length));
                }
            }

            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private ParseStatus ScanBlock(ref EntryParser parser, ref bool isFirst, out string? disorder)
    {
        disorder = null;
        while (true)
        {
            var status = parser.Next(out var entry);
            if (status != ParseStatus.Entry)
            {
                return status;
            }

            disorder = ApplyScanned(entry, isFirst);
            if (disorder is not null)
            {
                return ParseStatus.Damaged;
            }

            isFirst &= entry.Kind == EntryKind.Continuation;
            _tail = entry.EndAddress;
            _previousEntry = parser.PreviousAddress;
        }
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

    private void DeleteLeftovers(SortedList<int, long> segments)
    {
        var deleted = false;
        foreach (var segment in segments.Keys)
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
