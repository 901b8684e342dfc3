using System.Diagnostics;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>
/// One partition of a producer: the accumulator of its records and the sender of its batches, as one state machine under
/// one short lock. Batches are encoded and sent on threads of the pool, one drain at a time.
/// </summary>
/// <remarks>
/// Where a batch can be: open (records are added) → sealed (full or wanted) → in flight → settled. A batch whose attempt
/// failed goes from in flight to retries, which are sent before anything else, in order; while there are failures to
/// sort out, the partition prepares (waits, asks for metadata, a producer id or epoch) and nothing is sent.
/// </remarks>
internal sealed partial class ProducerPartition : IThreadPoolWorkItem
{
    // What batches take of the buffer follows the doubling of the pooled array under them.
    public const int SmallestReservationBytes = 16 * 1024;

    // Parts of a split batch take orders between those of whole ones.
    private const long OrderStep = 1 << 20;

    private readonly ProducerCore _core;
    private readonly Lock _gate = new();
    private readonly Queue<ProducerBatch> _sealed = new();
    private readonly List<ProducerBatch> _retries = [];
    private readonly List<ProducerBatch> _inFlight = [];
    private readonly List<FlushWaiter> _flushWaiters = [];
    private readonly ITimer? _lingerTimer;

    private ProducerBatch? _open;
    private long _nextOrder;
    private long _flushOrder = -1;
    private int _batchSize;
    private bool _isDraining;
    private bool _isClosed;

    public ProducerPartition(ProducerCore core, TopicPartition topicPartition)
    {
        _core = core;
        TopicPartition = topicPartition;
        _batchSize = core.Options.BatchSize;
        _backoff = new RetryBackoff(core.Options.RetryBackoff, core.Options.RetryBackoffMax);
        if (core.Options.LingerMs > 0)
        {
            _lingerTimer = core.Time.CreateTimer(
                static state => ((ProducerPartition)state!).LingerEnded(),
                this,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
        }
    }

    public TopicPartition TopicPartition { get; }

    public int InFlightCount => _inFlight.Count;

    /// <summary>Buffers a record that nobody waits for, or that a handler wants reported.</summary>
    public AppendResult TryAppend(in EncodedRecord record, DeliveryHandler? handler, object? state, bool hasWaited)
    {
        bool drain;
        lock (_gate)
        {
            var result = TryAppendCore(record, hasWaited, out var index);
            if (result != AppendResult.Appended)
            {
                return result;
            }

            if (handler is not null)
            {
                _open!.Track().Report(index, record.TimestampMs, handler, state);
            }

            drain = TryStartDrain();
        }

        if (drain)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return AppendResult.Appended;
    }

    /// <summary>Buffers a record whose delivery the caller awaits.</summary>
    public AppendResult TryAppend(in EncodedRecord record, bool hasWaited, out ValueTask<DeliveryResult> delivery)
    {
        bool drain;
        lock (_gate)
        {
            delivery = default;
            var result = TryAppendCore(record, hasWaited, out var index);
            if (result != AppendResult.Appended)
            {
                return result;
            }

            delivery = _open!.Track().Await(index, record.TimestampMs);
            drain = TryStartDrain();
        }

        if (drain)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return AppendResult.Appended;
    }

    /// <summary>Sends what is ready, unless that is going on already.</summary>
    public void ScheduleDrain()
    {
        lock (_gate)
        {
            if (!TryStartDrain())
            {
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Completes when every record that is buffered now is settled and its outcome was told.</summary>
    public Task FlushAsync()
    {
        Task result;
        lock (_gate)
        {
            if (!HasPending() && _settled.Count == 0 && !_isReporting)
            {
                return Task.CompletedTask;
            }

            _flushOrder = _nextOrder - 1;
            var waiter = new FlushWaiter(_flushOrder);
            _flushWaiters.Add(waiter);
            result = waiter.Source.Task;
        }

        ScheduleDrain();
        return result;
    }

    /// <summary>Refuses further records.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        _lingerTimer?.Dispose();
    }

    private void LingerEnded()
    {
        lock (_gate)
        {
            // Timers and timestamps run on different clocks: one may be a little early by the other.
            if (_open is { } open && !_isClosed && TimeSpan.FromMilliseconds(_core.Options.LingerMs) - _core.Time.GetElapsedTime(open.CreatedAt) is { Ticks: > 0 } rest)
            {
                _lingerTimer!.Change(TimeSpan.FromMilliseconds(Math.Ceiling(rest.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
                return;
            }
        }

        ScheduleDrain();
    }

    private AppendResult TryAppendCore(in EncodedRecord record, bool hasWaited, out int index)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "Appending belongs to the lock.");
        index = -1;
        if (_isClosed)
        {
            return AppendResult.Closed;
        }

        var maxSize = record.MaxSize;
        var batch = _open;
        if (batch is null || !batch.HasRoomFor(record.Key.Length, record.Value.Length, record.Headers))
        {
            var reservation = ReservationFor(RecordBatchHeader.Size + maxSize);
            if (!_core.Budget.TryReserve(reservation, hasWaited))
            {
                return AppendResult.NoRoom;
            }

            Seal();
            batch = Open(reservation);
        }
        else if (batch.SizeInBytes + maxSize > batch.ReservedBytes)
        {
            var reservation = ReservationFor(batch.SizeInBytes + maxSize);
            if (!_core.Budget.TryReserve(reservation - batch.ReservedBytes, hasWaited))
            {
                return AppendResult.NoRoom;
            }

            batch.ReservedBytes = reservation;
        }

        index = batch.Append(record);
        return AppendResult.Appended;
    }

    private static long ReservationFor(long bytes)
        => Math.Max(SmallestReservationBytes, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)bytes));

    private ProducerBatch Open(long reservation)
    {
        var order = _nextOrder;
        _nextOrder += OrderStep;
        _open = new ProducerBatch(order, _core.Time.GetTimestamp(), _core.Options.Compression, _batchSize, SmallestReservationBytes)
        {
            ReservedBytes = reservation,
        };
        _lingerTimer?.Change(TimeSpan.FromMilliseconds(_core.Options.LingerMs), Timeout.InfiniteTimeSpan);
        return _open;
    }

    private void Seal()
    {
        if (_open is { } batch)
        {
            _sealed.Enqueue(batch);
            _open = null;
        }
    }

    /// <summary>Whether the open batch is to be sent as it is.</summary>
    private bool IsOpenReady()
    {
        if (_open is not { } open)
        {
            return false;
        }

        if (_isClosed || open.Order <= _flushOrder || _core.Budget.IsExhausted)
        {
            return true;
        }

        var lingerMs = _core.Options.LingerMs;
        return _inFlight.Count == 0
            && (lingerMs == 0 || _core.Time.GetElapsedTime(open.CreatedAt) >= TimeSpan.FromMilliseconds(lingerMs));
    }

    private bool HasPending() => _open is not null || _sealed.Count > 0 || _retries.Count > 0 || _inFlight.Count > 0;

    private bool HasReady()
        => _inFlight.Count < _core.Options.MaxInFlightPerPartition
            && (_retries.Count > 0 || _sealed.Count > 0 || IsOpenReady())
            && !IsWindowClosed();

    /// <summary>Claims the drain if there is something to send; the caller then queues this to the pool.</summary>
    private bool TryStartDrain()
    {
        if (_isDraining || _isPreparing || (!_isPrepared && _inFlight.Count > 0) || !HasReady())
        {
            return false;
        }

        _isDraining = true;
        return true;
    }

    /// <summary>Takes the flushes that have nothing left to wait for; under the lock, with no outcome being told.</summary>
    private void TakeEndedFlushes(List<TaskCompletionSource> ended)
    {
        ended.Clear();
        if (_flushWaiters.Count == 0)
        {
            return;
        }

        var oldest = OldestOrder();
        if (_settled.TryPeek(out _, out var untold))
        {
            oldest = Math.Min(oldest, untold);
        }

        for (var i = _flushWaiters.Count - 1; i >= 0; i--)
        {
            if (_flushWaiters[i].Order < oldest)
            {
                ended.Add(_flushWaiters[i].Source);
                _flushWaiters.RemoveAt(i);
            }
        }
    }

    private long OldestOrder()
    {
        var oldest = _open?.Order ?? long.MaxValue;
        if (_sealed.TryPeek(out var first))
        {
            oldest = Math.Min(oldest, first.Order);
        }

        if (_retries.Count > 0)
        {
            oldest = Math.Min(oldest, _retries[0].Order);
        }

        foreach (var batch in _inFlight)
        {
            oldest = Math.Min(oldest, batch.Order);
        }

        return oldest;
    }

    private sealed class FlushWaiter(long order)
    {
        public long Order { get; } = order;

        public TaskCompletionSource Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
