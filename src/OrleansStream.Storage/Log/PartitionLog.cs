using OrleansStream.Storage.Buffers;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Flushing;
using OrleansStream.Storage.Indexes;
using OrleansStream.Storage.Reading;

namespace OrleansStream.Storage;

/// <summary>
/// The log of one replica on FASTER: entries in segment files, appended through a <see cref="TailBuffer"/> while the log
/// is active, found through a sparse index that is kept in memory and checkpointed.
/// </summary>
/// <remarks>
/// <para>Split by concern. What has state or a decision of its own is a type of its own: those who wait (<c>Waiting</c>), reading
/// (<c>Reading</c>), the end of a scan (<c>Recovery</c>), a pass of compaction (<c>Compaction</c>), what lies on disk (<c>Entries</c>,
/// <c>Indexes</c>, <c>Checkpoints</c>, <c>Files</c>). <c>_gate</c> guards all state; nothing blocks while it is held except
/// opening a buffer, which reads one page.</para>
/// <para>Memory of an idle log: a few KiB plus at most 0.75 MiB of index per GiB of log.</para>
/// </remarks>
public sealed partial class PartitionLog : IPartitionLog, IFlushable
{
    private readonly LogEnvironment _environment;
    private readonly string _directory;
    private readonly Lock _gate = new();
    private readonly EpochCache _epochs = new();
    private SegmentFiles _files = null!;
    private SparseIndex _index = null!;
    private VoidRanges _voids = VoidRanges.None;
    private LogConfig _config;
    private TailBuffer? _buffer;

    // The end of the last entry, and where that entry stands (-1 in an empty log).
    private long _tail = LogGeometry.FirstAddress;
    private long _previousEntry = -1;
    private int _firstSegment;

    private long _logStart;
    private long _logEnd;
    private long _flushedOffset;
    private long _flushedAddress = LogGeometry.FirstAddress;
    private long _maxTimestamp = -1;
    private long _maxTimestampOffset = -1;
    private int _latestEpoch = -1;
    private bool _startBlock;
    private bool _closed;
    private LogOfflineException? _offline;

    private PartitionLog(PartitionLogOptions options)
    {
        _environment = options.Environment;
        _directory = Path.GetFullPath(options.Directory);
        _config = options.Config;
        _readAheads = new ReadAheads(_environment.ReadAheadBudget, _environment.Time);
        TopicPartition = options.TopicPartition;
        TopicId = options.TopicId;
    }

    /// <inheritdoc/>
    public event Action<IPartitionLog>? FlushedOffsetAdvanced;

    /// <inheritdoc/>
    public TopicPartition TopicPartition { get; }

    /// <summary>The topic's id.</summary>
    public Guid TopicId { get; }

    /// <inheritdoc/>
    public long LogStartOffset => Volatile.Read(ref _logStart);

    /// <inheritdoc/>
    public long LogEndOffset => Volatile.Read(ref _logEnd);

    /// <inheritdoc/>
    public long FlushedOffset => Volatile.Read(ref _flushedOffset);

    /// <inheritdoc/>
    public int LatestEpoch => Volatile.Read(ref _latestEpoch);

    /// <summary>Whether the log had been closed in order when it was opened, or is new.</summary>
    public bool WasCleanShutdown { get; private set; }

    /// <summary>The address after the last entry.</summary>
    internal long TailAddress
    {
        get
        {
            lock (_gate)
            {
                return _tail;
            }
        }
    }

    /// <inheritdoc/>
    public string? OfflineReason => Volatile.Read(ref _offline)?.Message;

    /// <inheritdoc/>
    public long SizeBytes
    {
        get
        {
            lock (_gate)
            {
                return _tail - _files.Geometry.SegmentStart(_firstSegment) + _checkpointBytes + ((long)_index.Count * IndexEntry.Size)
                    + (_part is null ? 0 : _part.SizeBytes + ((long)_part.Index.Count * IndexEntry.Size));
            }
        }
    }

    /// <inheritdoc/>
    public (long Timestamp, long Offset) MaxTimestamp
    {
        get
        {
            lock (_gate)
            {
                return (_maxTimestamp, _maxTimestampOffset);
            }
        }
    }

    /// <inheritdoc/>
    public void SetConfig(LogConfig config)
    {
        lock (_gate)
        {
            ThrowIfUnusable();
            _config = config;
        }
    }

    /// <inheritdoc/>
    public (int Epoch, long EndOffset) EndOffsetForEpoch(int epoch)
    {
        lock (_gate)
        {
            ThrowIfUnusable();
            return _epochs.EndOffsetFor(epoch, _logEnd);
        }
    }

    /// <summary>Writes what is in memory to disk, with the mark of an orderly shutdown, and closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }
        }

        await StopCompactionAsync();
        try
        {
            await CheckpointAsync(isClosing: true);
        }
        catch (LogOfflineException)
        {
            // Reported when it happened; what is on disk stays for the next recovery.
        }
        finally
        {
            await CloseAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync()
    {
        await CloseAsync();
        var deleted = $"{_directory}.{TopicId:N}.{_environment.Time.GetUtcNow().UtcTicks}{PartitionDirectories.DeletedSuffix}";
        try
        {
            await Task.Run(() =>
            {
                _environment.FileSystem.MoveDirectory(_directory, deleted);
                _environment.FileSystem.DeleteDirectory(deleted);
            });
        }
        catch (Exception exception) when (IsIoFailure(exception))
        {
            throw new LogOfflineException($"{TopicPartition}: the directory {_directory} cannot be deleted: {exception.Message}", exception);
        }
    }

    /// <summary>Stops everything: no flush pass runs, no housekeeping comes, all handles are closed.</summary>
    private async ValueTask CloseAsync()
    {
        Task idle;
        Task readAheads;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            idle = WhenFlushIdle();
            readAheads = _readAheads.Drop();
        }

        await StopCompactionAsync();
        FailWaiters(new ObjectDisposedException(nameof(PartitionLog), $"The log of {TopicPartition} is closed."));
        await idle;
        await readAheads;
        await _checkpointGate.WaitAsync();
        TailBuffer? buffer;
        lock (_gate)
        {
            buffer = _buffer;
            _buffer = null;
        }

        if (buffer is not null)
        {
            buffer.Fail();
            _environment.Budget.Return(buffer.BufferBytes);
            await Task.Run(buffer.Dispose);
        }

        _files.Dispose();
        _part?.Files.Dispose();
        _environment.Unregister(_directory, this);
        _checkpointGate.Release();
    }

    /// <summary>Takes the log offline, once: the first cause is the one that is reported.</summary>
    private LogOfflineException GoOffline(string action, Exception cause)
    {
        LogOfflineException offline;
        TailBuffer? buffer;
        lock (_gate)
        {
            if (_offline is not null)
            {
                return _offline;
            }

            offline = new LogOfflineException($"{TopicPartition} is offline: {action} in {_directory} failed: {cause.Message}", cause);
            Volatile.Write(ref _offline, offline);
            buffer = _buffer;
            _ = _readAheads.Drop();
        }

        LogWentOffline(TopicPartition, offline.Message);
        buffer?.Fail();
        FailWaiters(offline);
        ScheduleFlush();
        return offline;
    }

    private void ThrowIfUnusable()
    {
        if (_offline is not null)
        {
            throw new LogOfflineException(_offline.Message, _offline);
        }

        if (_closed)
        {
            throw new ObjectDisposedException(nameof(PartitionLog), $"The log of {TopicPartition} is closed.");
        }
    }

    private static bool IsIoFailure(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or InvalidDataException;
}
