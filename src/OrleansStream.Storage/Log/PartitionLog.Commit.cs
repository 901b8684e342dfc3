using OrleansStream.Storage.Buffers;

namespace OrleansStream.Storage;

/// <content>Bringing appends to stable storage.</content>
/// <remarks>
/// There is no loop per log. An append queues the log to the shared flush threads unless it is queued already; a pass
/// commits everything appended so far in one device write, and if more came meanwhile the log queues itself again behind
/// the others. So one device write serves all appends that came during the one before it.
/// </remarks>
public sealed partial class PartitionLog
{
    private const int FlushIdle = 0;
    private const int FlushScheduled = 1;
    private const int FlushAgain = 2;

    private readonly List<TaskCompletionSource> _completed = [];
    private int _flushState;
    private int _passThread;
    private bool _passActive;
    private long _commitAddress;
    private long _lastFlush;
    private long _commitOffset;
    private bool _offlineRaised;
    private TaskCompletionSource? _flushIdle;

    void Flushing.IFlushable.RunFlushPass()
    {
        var again = false;
        try
        {
            again = RunFlushPass();
        }
        catch (Exception exception)
        {
            // FASTER and the file system report I/O errors with many types, and a log that cannot write is offline.
            GoOffline("writing", exception);
        }

        if (again)
        {
            ScheduleFlush();
        }

        if (Interlocked.CompareExchange(ref _flushState, FlushIdle, FlushScheduled) != FlushScheduled)
        {
            Volatile.Write(ref _flushState, FlushScheduled);
            _environment.FlushThreads.Enqueue(this);
            return;
        }

        lock (_gate)
        {
            if (_flushIdle is not null && _flushState == FlushIdle)
            {
                _flushIdle.TrySetResult();
            }
        }
    }

    private bool RunFlushPass()
    {
        if (!BeginPass(out var buffer, out var commit))
        {
            RaiseIfOffline();
            return false;
        }

        var advanced = false;
        try
        {
            _passThread = Environment.CurrentManagedThreadId;
            if (commit)
            {
                buffer.Commit();
            }

            buffer.WriteRun();
        }
        finally
        {
            _passThread = 0;
            advanced = EndPass(buffer);
        }

        if (advanced)
        {
            Raise();
        }

        lock (_gate)
        {
            return (buffer.HasQueuedWrites || (_tail > _commitAddress && _flushedAddress >= _commitAddress))
                && (_commitAddress > _flushedAddress || IsFlushDue());
        }
    }

    private bool BeginPass(out TailBuffer buffer, out bool commit)
    {
        lock (_gate)
        {
            buffer = _buffer!;
            commit = false;
            if (_buffer is null || _offline is not null || _closed)
            {
                return false;
            }

            _passActive = true;

            // One commit at a time: the next one takes everything that is appended until this one is on disk.
            if (_tail > _commitAddress && _flushedAddress >= _commitAddress)
            {
                _commitAddress = _tail;
                _commitOffset = _logEnd;
                commit = true;
            }

            return true;
        }
    }

    private bool EndPass(TailBuffer buffer)
    {
        var completed = _completed;
        var advanced = false;
        lock (_gate)
        {
            _passActive = false;
            if (_commitAddress > _flushedAddress && buffer.FlushedAddress >= _commitAddress && _offline is null)
            {
                _flushedAddress = _commitAddress;
                _lastFlush = _environment.Time.GetTimestamp();
                _room.Forget();
                advanced = _commitOffset > _flushedOffset;
                if (advanced)
                {
                    Volatile.Write(ref _flushedOffset, _commitOffset);
                }

                _offsetWaiters.Take(_flushedOffset, completed);
                _addressWaiters.Take(_flushedAddress, completed);
            }

            if (_room.IsBufferToGrow && _buffer is not null && CanReleaseBuffer)
            {
                // The next append opens a larger one.
                ReleaseBuffer();
            }

            _room.Admit(_tail - _flushedAddress, BufferBytes, completed);
        }

        _progress.Signal();
        Complete(completed);
        completed.Clear();
        return advanced;
    }

    private void ScheduleFlushAfterAppend()
    {
        lock (_gate)
        {
            if (!IsFlushDue())
            {
                return;
            }
        }

        ScheduleFlush();
    }

    /// <summary>Whether what was appended has to be brought to stable storage now. Called with the gate held.</summary>
    private bool IsFlushDue()
    {
        if (_config.DelayedFlush is not { } delayed)
        {
            return true;
        }

        return _offsetWaiters.Count > 0
            || _addressWaiters.Count > 0
            || _room.Count > 0
            || _logEnd - _flushedOffset >= delayed.Records
            || _tail - _flushedAddress >= (_buffer?.BufferBytes ?? 0) / 4
            || _environment.Time.GetElapsedTime(_lastFlush).TotalMilliseconds >= delayed.IntervalMs;
    }

    /// <summary>For the housekeeping: what nobody waits for does not stay in memory for longer than its period.</summary>
    private void FlushDelayed()
    {
        bool isWaiting;
        lock (_gate)
        {
            isWaiting = _config.DelayedFlush is not null && _tail > _flushedAddress && !_closed && _offline is null;
        }

        if (isWaiting)
        {
            ScheduleFlush();
        }
    }

    private void ScheduleFlush()
    {
        while (true)
        {
            var state = Volatile.Read(ref _flushState);
            if (state == FlushAgain || (state == FlushScheduled && Interlocked.CompareExchange(ref _flushState, FlushAgain, FlushScheduled) == FlushScheduled))
            {
                return;
            }

            if (state == FlushIdle && Interlocked.CompareExchange(ref _flushState, FlushScheduled, FlushIdle) == FlushIdle)
            {
                _environment.FlushThreads.Enqueue(this);
                return;
            }
        }
    }

    /// <summary>FASTER has asked the device for a write: the pass that runs on this very thread will see it.</summary>
    private void OnWriteQueued()
    {
        // A full page alone can wait when flushes are delayed; a write that a commit waits for cannot, whoever's thread asks for it.
        if (_passThread != Environment.CurrentManagedThreadId
            && (_config.DelayedFlush is null || Volatile.Read(ref _commitAddress) > Volatile.Read(ref _flushedAddress)))
        {
            ScheduleFlush();
        }
    }

    /// <summary>Completes when no pass runs and none is queued. Called with the gate held, after <c>_closed</c> is set.</summary>
    private Task WhenFlushIdle()
    {
        if (Volatile.Read(ref _flushState) == FlushIdle)
        {
            return Task.CompletedTask;
        }

        _flushIdle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _flushIdle.Task;
    }

    private void RaiseIfOffline()
    {
        if (_offline is not null && !_offlineRaised)
        {
            _offlineRaised = true;
            Raise();
        }
    }

    private void Raise()
    {
        try
        {
            FlushedOffsetAdvanced?.Invoke(this);
        }
        catch (Exception exception)
        {
            // A listener's error must not stop the flushing of the log.
            ListenerFailed(_environment.Logger, TopicPartition, exception);
        }
    }
}
