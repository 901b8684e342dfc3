namespace OrleansStream.Storage;

/// <content>Those who wait for the disk: for their records to be durable, or for room to append.</content>
public sealed partial class PartitionLog
{
    private readonly PriorityQueue<Waiter, long> _offsetWaiters = new();
    private readonly PriorityQueue<Waiter, long> _addressWaiters = new();
    private readonly Queue<RoomWaiter> _roomWaiters = new();
    private readonly object _progressSignal = new();
    private long _progress;
    private long _admitted;
    private bool _growBuffer;

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

            return WaitForFlush(_offsetWaiters, offset, cancellationToken);
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
            _growBuffer |= _buffer is not null && _environment.Budget.SizeInsteadOf(_buffer.BufferBytes) >= 2 * _buffer.BufferBytes;
        }

        ScheduleFlush();
        _environment.NoteActive(this);
        return new ValueTask(waiter.Completion.Task.WaitAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public void ReturnRoom(int bytes)
    {
        var completed = new List<TaskCompletionSource>();
        lock (_gate)
        {
            // A flush since has forgotten what was reserved before it.
            _admitted = Math.Max(0, _admitted - bytes);
            AdmitWaiters(completed);
        }

        foreach (var completion in completed)
        {
            completion.TrySetResult();
        }
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
    /// Those who were admitted and then cancelled do not append, and no flush would ever admit others: the housekeeping
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
    /// that is larger than that is admitted when nothing waits. While the buffer is to be exchanged for a larger one, since
    /// others gave theirs back, nobody is admitted until everything is flushed.
    /// </summary>
    private bool HasRoomFor(int bytes)
    {
        var waiting = _tail - _flushedAddress + _admitted;
        var buffer = _buffer?.BufferBytes ?? _environment.Options.MinBufferBytes;
        return waiting == 0 || (!_growBuffer && waiting + bytes <= buffer / 4 * 3);
    }

    private ValueTask FlushToAddressAsync(long address, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfUnusable();
            return address <= _flushedAddress ? ValueTask.CompletedTask : WaitForFlush(_addressWaiters, address, cancellationToken);
        }
    }

    private ValueTask WaitForFlush(PriorityQueue<Waiter, long> waiters, long target, CancellationToken cancellationToken)
    {
        var wait = Wait(waiters, target, cancellationToken);
        if (_config.DelayedFlush is not null)
        {
            ScheduleFlush();
        }

        return wait;
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

    private readonly record struct Waiter(TaskCompletionSource Completion);

    private sealed class RoomWaiter(int bytes, CancellationToken cancellationToken)
    {
        public int Bytes { get; } = bytes;

        public CancellationToken CancellationToken { get; } = cancellationToken;

        public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
