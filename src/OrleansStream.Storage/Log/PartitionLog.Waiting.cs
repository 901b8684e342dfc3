using OrleansStream.Storage.Waiting;

namespace OrleansStream.Storage;

/// <content>Those who wait for the disk: for their records to be durable, or for room to append.</content>
public sealed partial class PartitionLog
{
    private readonly FlushWaiters _offsetWaiters = new();
    private readonly FlushWaiters _addressWaiters = new();
    private readonly RoomQueue _room = new();
    private readonly ProgressSignal _progress = new();

    private int BufferBytes => _buffer?.BufferBytes ?? _environment.Options.MinBufferBytes;

    /// <inheritdoc/>
    public ValueTask FlushAsync(long offset, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfUnusable();
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, _logEnd);
            return offset <= _flushedOffset ? ValueTask.CompletedTask : WaitForFlush(_offsetWaiters, offset, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask WaitForRoomAsync(int bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Task admitted;
        lock (_gate)
        {
            ThrowIfUnusable();
            if (_room.TryAdmit(bytes, _tail - _flushedAddress, BufferBytes))
            {
                return ValueTask.CompletedTask;
            }

            admitted = _room.WaitAsync(bytes, cancellationToken);
            _room.IsBufferToGrow |= _buffer is not null && _environment.Budget.SizeInsteadOf(_buffer.BufferBytes) >= 2 * _buffer.BufferBytes;
        }

        ScheduleFlush();
        _environment.NoteActive(this);
        return new ValueTask(admitted);
    }

    /// <inheritdoc/>
    public void ReturnRoom(int bytes)
    {
        var admitted = new List<TaskCompletionSource>();
        lock (_gate)
        {
            _room.Return(bytes);
            _room.Admit(_tail - _flushedAddress, BufferBytes, admitted);
        }

        Complete(admitted);
    }

    /// <summary>
    /// Those who were admitted and then cancelled do not append, and no flush would ever admit others: the housekeeping
    /// forgets them.
    /// </summary>
    private void ForgetAdmitted()
    {
        var admitted = new List<TaskCompletionSource>();
        lock (_gate)
        {
            if (_room.Count > 0 && _tail == _flushedAddress)
            {
                _room.Forget();
                _room.Admit(0, BufferBytes, admitted);
            }
        }

        Complete(admitted);
    }

    private ValueTask FlushToAddressAsync(long address, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfUnusable();
            return address <= _flushedAddress ? ValueTask.CompletedTask : WaitForFlush(_addressWaiters, address, cancellationToken);
        }
    }

    private ValueTask WaitForFlush(FlushWaiters waiters, long mark, CancellationToken cancellationToken)
    {
        var flushed = waiters.WaitAsync(mark, cancellationToken);
        if (_config.DelayedFlush is not null)
        {
            ScheduleFlush();
        }

        return new ValueTask(flushed);
    }

    private void FailWaiters(Exception exception)
    {
        var failed = new List<TaskCompletionSource>();
        lock (_gate)
        {
            _offsetWaiters.TakeAll(failed);
            _addressWaiters.TakeAll(failed);
            _room.TakeAll(failed);
        }

        _progress.Signal();
        foreach (var waiter in failed)
        {
            waiter.TrySetException(exception);
        }
    }

    /// <summary>Fails those who wait for records that a truncation has taken away.</summary>
    private void FailWaitersAbove(long logEndOffset)
    {
        var failed = new List<TaskCompletionSource>();
        lock (_gate)
        {
            _offsetWaiters.TakeAbove(logEndOffset, failed);
        }

        foreach (var waiter in failed)
        {
            waiter.TrySetException(new InvalidOperationException($"{TopicPartition} was truncated to offset {logEndOffset} before the records were flushed."));
        }
    }

    private static void Complete(List<TaskCompletionSource> waiters)
    {
        foreach (var waiter in waiters)
        {
            waiter.TrySetResult();
        }
    }
}
