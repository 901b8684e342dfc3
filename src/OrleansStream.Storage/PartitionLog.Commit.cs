using OrleansStream.Storage.Buffers;

namespace OrleansStream.Storage;

/// <content>Bringing appends to stable storage, and waiting for it.</content>
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

    private readonly PriorityQueue<Waiter, long> _offsetWaiters = new();
    private readonly PriorityQueue<Waiter, long> _addressWaiters = new();
    private readonly Queue<RoomWaiter> _roomWaiters = new();
    private readonly List<TaskCompletionSource> _completed = [];
    private readonly object _progressSignal = new();
    private int _flushState;
    private int _passThread;
    private bool _passActive;
    private long _progress;
    private long _commitAddress;
    private long _commitOffset;
    private long _admitted;
    private bool _offlineRaised;
    private TaskCompletionSource? _flushIdle;

    /// <inheritdoc/>
    public ValueTask FlushAsync(long offset, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfUnusable();
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, _logEnd);
            if (offset <= _flushedOffset)
            {
                return ValueTask.CompletedTask;
            }

            return Wait(_offsetWaiters, offset, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask WaitForRoomAsync(int bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        RoomWaiter waiter;
        lock (_gate)
        {
            ThrowIfUnusable();
            if (_roomWaiters.Count == 0 && HasRoomFor(bytes))
            {
                _admitted += bytes;
                return ValueTask.CompletedTask;
            }

            waiter = new RoomWaiter(bytes, cancellationToken);
            _roomWaiters.Enqueue(waiter);
        }

        return new ValueTask(waiter.Completion.Task.WaitAsync(cancellationToken));
    }

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
            return buffer.HasQueuedWrites || (_tail > _commitAddress && _flushedAddress >= _commitAddress);
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
                _admitted = 0;
                advanced = _commitOffset > _flushedOffset;
                if (advanced)
                {
                    Volatile.Write(ref _flushedOffset, _commitOffset);
                }

                Take(_offsetWaiters, _flushedOffset, completed);
                Take(_addressWaiters, _flushedAddress, completed);
            }

            AdmitWaiters(completed);
        }

        SignalProgress();
        foreach (var completion in completed)
        {
            completion.TrySetResult();
        }

        completed.Clear();
        return advanced;
    }

    private static void Take(PriorityQueue<Waiter, long> waiters, long reached, List<TaskCompletionSource> completed)
    {
        while (waiters.TryPeek(out var waiter, out var target) && target <= reached)
        {
            waiters.Dequeue();
            completed.Add(waiter.Completion);
        }
    }

    private void AdmitWaiters(List<TaskCompletionSource> completed)
    {
        while (_roomWaiters.TryPeek(out var waiter))
        {
            if (!waiter.CancellationToken.IsCancellationRequested)
            {
                if (!HasRoomFor(waiter.Bytes))
                {
                    break;
                }

                _admitted += waiter.Bytes;
                completed.Add(waiter.Completion);
            }

            _roomWaiters.Dequeue();
        }
    }

    /// <summary>
    /// Those who were admitted may not append after all, and then no flush would ever admit others: the housekeeping
    /// forgets them.
    /// </summary>
    private void ForgetAdmitted()
    {
        var completed = new List<TaskCompletionSource>();
        lock (_gate)
        {
            if (_roomWaiters.Count > 0 && _tail == _flushedAddress)
            {
                _admitted = 0;
                AdmitWaiters(completed);
            }
        }

        foreach (var completion in completed)
        {
            completion.TrySetResult();
        }
    }

    /// <summary>
    /// Three quarters of the buffer may wait for the disk; the rest is for callers that were admitted together. A batch
    /// that is larger than that is admitted when nothing waits.
    /// </summary>
    private bool HasRoomFor(int bytes)
    {
        var waiting = _tail - _flushedAddress + _admitted;
        return waiting == 0 || _buffer is null || waiting + bytes <= _buffer.BufferBytes / 4 * 3;
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
        if (_passThread != Environment.CurrentManagedThreadId)
        {
            ScheduleFlush();
        }
    }

    private ValueTask FlushToAddressAsync(long address, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfUnusable();
            return address <= _flushedAddress ? ValueTask.CompletedTask : Wait(_addressWaiters, address, cancellationToken);
        }
    }

    private static ValueTask Wait(PriorityQueue<Waiter, long> waiters, long target, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        waiters.Enqueue(waiter, target);
        return new ValueTask(cancellationToken.CanBeCanceled ? waiter.Completion.Task.WaitAsync(cancellationToken) : waiter.Completion.Task);
    }

    private void FailWaiters(Exception exception)
    {
        var failed = new List<TaskCompletionSource>();
        lock (_gate)
        {
            Take(_offsetWaiters, long.MaxValue, failed);
            Take(_addressWaiters, long.MaxValue, failed);
            while (_roomWaiters.TryDequeue(out var waiter))
            {
                failed.Add(waiter.Completion);
            }
        }

        SignalProgress();
        foreach (var completion in failed)
        {
            completion.TrySetException(exception);
        }
    }

    /// <summary>Fails those who wait for records that a truncation has taken away.</summary>
    private void FailWaitersAbove(long logEndOffset)
    {
        var kept = new List<(Waiter Waiter, long Offset)>();
        var failed = new List<TaskCompletionSource>();
        lock (_gate)
        {
            while (_offsetWaiters.TryDequeue(out var waiter, out var offset))
            {
                if (offset > logEndOffset)
                {
                    failed.Add(waiter.Completion);
                }
                else
                {
                    kept.Add((waiter, offset));
                }
            }

            foreach (var (waiter, offset) in kept)
            {
                _offsetWaiters.Enqueue(waiter, offset);
            }
        }

        foreach (var completion in failed)
        {
            completion.TrySetException(new InvalidOperationException($"{TopicPartition} was truncated to offset {logEndOffset} before the records were flushed."));
        }
    }

    private void WaitForProgress(long seen)
    {
        lock (_progressSignal)
        {
            while (Volatile.Read(ref _progress) == seen)
            {
                Monitor.Wait(_progressSignal);
            }
        }
    }

    private void SignalProgress()
    {
        lock (_progressSignal)
        {
            Volatile.Write(ref _progress, _progress + 1);
            Monitor.PulseAll(_progressSignal);
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

    private readonly record struct Waiter(TaskCompletionSource Completion);

    private sealed class RoomWaiter(int bytes, CancellationToken cancellationToken)
    {
        public int Bytes { get; } = bytes;

        public CancellationToken CancellationToken { get; } = cancellationToken;

        public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
