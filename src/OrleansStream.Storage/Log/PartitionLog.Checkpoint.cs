using OrleansStream.Storage.Checkpoints;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage;

/// <content>Checkpoints, and giving the buffer back when the log is idle.</content>
public sealed partial class PartitionLog
{
    private readonly SemaphoreSlim _checkpointGate = new(1);
    private int _firstUnindexedSegment;
    private long _checkpointAddress = -1;
    private long _checkpointTimestamp;
    private int _checkpointBytes;

    /// <summary>Whether the housekeeping has to look at this log.</summary>
    internal bool NeedsMaintenance
    {
        get
        {
            lock (_gate)
            {
                return !_closed && _offline is null && (_buffer is not null || _tail != _checkpointAddress || _room.Count > 0 || _readAheads.Count > 0);
            }
        }
    }

    private bool CanReleaseBuffer => !_passActive && _tail == _flushedAddress && _buffer!.FlushedAddress >= _tail && !_buffer.HasQueuedWrites;

    /// <summary>One visit of the housekeeping: a checkpoint if it is due, the buffer back if the log is idle.</summary>
    /// <returns>Whether there is more to do later.</returns>
    internal async Task<bool> MaintainAsync()
    {
        bool checkpoint;
        bool release;
        lock (_gate)
        {
            if (_closed || _offline is not null)
            {
                return false;
            }

            var time = _environment.Time;
            var options = _environment.Options;
            var quiet = time.GetElapsedTime(_lastAppend);
            checkpoint = _tail != _checkpointAddress
                && (quiet >= options.QuietCheckpointTime || time.GetElapsedTime(_checkpointTimestamp) >= options.CheckpointInterval);
            release = _buffer is not null && quiet >= options.IdleTime;
            _readAheads.DropIdle();
        }

        FlushDelayed();
        ForgetAdmitted();
        if (checkpoint)
        {
            try
            {
                await CheckpointAsync(isClosing: false);
            }
            catch (Exception exception) when (exception is LogOfflineException or ObjectDisposedException)
            {
                // The log went offline, which is reported already, or was closed meanwhile.
                return false;
            }
        }

        if (release)
        {
            TryReleaseBuffer(wait: true);
        }

        return NeedsMaintenance;
    }

    /// <summary>Gives the buffer back if nothing is in flight.</summary>
    /// <param name="wait">Whether to wait for the log's lock; a log that holds its own must not.</param>
    internal void TryReleaseBuffer(bool wait)
    {
        if (wait)
        {
            _gate.Enter();
        }
        else if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            if (_buffer is not null && CanReleaseBuffer && _room.Count == 0 && !_closed)
            {
                ReleaseBuffer();
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>
    /// Lets the buffer go; everything in it is flushed. FASTER waits for its own callbacks when it is disposed, so that
    /// happens elsewhere.
    /// </summary>
    private void ReleaseBuffer()
    {
        var buffer = _buffer!;
        _buffer = null;
        _room.IsBufferToGrow = false;
        _files.CloseWriter();
        _environment.Budget.Return(buffer.BufferBytes);
        ThreadPool.UnsafeQueueUserWorkItem(static released => released.Dispose(), buffer, preferLocal: false);
    }

    /// <summary>
    /// Writes the state at the present tail once that tail is durable: the index files of segments that are complete, then
    /// the checkpoint.
    /// </summary>
    private async ValueTask CheckpointAsync(bool isClosing)
    {
        await _checkpointGate.WaitAsync();
        try
        {
            await SaveCheckpointAsync(isClosing);
        }
        finally
        {
            _checkpointGate.Release();
        }
    }

    /// <summary>Called with the checkpoint's gate held.</summary>
    private async ValueTask SaveCheckpointAsync(bool isClosing)
    {
        LogCheckpoint checkpoint;
        List<(int Segment, IndexEntry[] Entries)> complete;
        lock (_gate)
        {
            ThrowIfUnusable();
            (checkpoint, complete) = Snapshot(isClosing);
        }

        await FlushToAddressAsync(checkpoint.Address, CancellationToken.None);
        await Task.Run(() => Save(checkpoint, complete));
    }

    private void Save(LogCheckpoint checkpoint, List<(int Segment, IndexEntry[] Entries)> complete)
    {
        try
        {
            foreach (var (segment, entries) in complete)
            {
                SegmentIndexFile.Save(_files, segment, entries);
            }

            var bytes = checkpoint.Save(_environment.FileSystem, _directory);
            lock (_gate)
            {
                _firstUnindexedSegment = checkpoint.FirstUnindexedSegment;
                _checkpointAddress = checkpoint.Address;
                _checkpointTimestamp = _environment.Time.GetTimestamp();
                _checkpointBytes = bytes;
            }
        }
        catch (Exception exception) when (IsIoFailure(exception))
        {
            throw GoOffline("writing a checkpoint", exception);
        }
    }

    private (LogCheckpoint Checkpoint, List<(int Segment, IndexEntry[] Entries)> Complete) Snapshot(bool isClosing)
    {
        var geometry = _files.Geometry;
        var last = geometry.SegmentOf(_tail);
        var firstUnindexed = Math.Max(_firstUnindexedSegment, _firstSegment);
        var complete = new List<(int, IndexEntry[])>();
        for (var segment = firstUnindexed; segment < last; segment++)
        {
            complete.Add((segment, _index.Between(geometry.SegmentStart(segment), geometry.SegmentStart(segment + 1)).ToArray()));
        }

        var checkpoint = new LogCheckpoint
        {
            Generation = _files.Generation,
            CleanShutdown = isClosing,
            Address = _tail,
            PreviousAddress = _previousEntry,
            FirstSegment = _firstSegment,
            FirstUnindexedSegment = last,
            LogStartOffset = _logStart,
            LogEndOffset = _logEnd,
            MaxTimestamp = _maxTimestamp,
            MaxTimestampOffset = _maxTimestampOffset,
            Epochs = [.. _epochs.Epochs],
            VoidRanges = _voids.Ranges.ToArray(),
            Entries = _index.Between(geometry.SegmentStart(last), long.MaxValue).ToArray(),
        };
        return (checkpoint, complete);
    }
}
