using System.Diagnostics;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>
/// The assignment of a consumer, what is fetched ahead for it, and what is handed out next; knows bytes only. Every state
/// change ends in <see cref="Pump"/>, which starts the requests that the new state asks for; there is no loop of its own.
/// </summary>
internal sealed partial class ConsumerCore : IAsyncDisposable
{
    private readonly Dictionary<TopicPartition, ConsumerPartition> _partitions = [];
    private readonly Queue<ConsumerPartition> _ready = new();
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource? _readerSignal;
    private BatchCursor? _current;
    private long _bufferedBytes;
    private int _change;
    private int _signals;
    private int _isReading;
    private bool _isStarted;
    private bool _isDisposed;

    public ConsumerCore(ClientContext context, ConsumerOptions options)
    {
        Context = context;
        Options = options;
        Log = new ConsumerLog(context.LoggerFactory);
        Metrics = new ConsumerMetrics(this);
        ReaderOptions = new RecordReaderOptions { CheckCrc = options.CheckCrcs };
        Group = options.GroupId is { } groupId ? new GroupMember(context, groupId, options, this) : null;
    }

    public ClientContext Context { get; }

    public ConsumerOptions Options { get; }

    public ConsumerLog Log { get; }

    public ConsumerMetrics Metrics { get; }

    public RecordReaderOptions ReaderOptions { get; }

    public long BufferedBytes => Volatile.Read(ref _bufferedBytes);

    /// <summary>Changes whenever the assignment does: what the reader holds must be looked at again then.</summary>
    public int Change => Volatile.Read(ref _change);

    private TimeProvider Time => Context.Time;

    public IReadOnlyCollection<TopicPartition> Assignment
    {
        get
        {
            lock (_gate)
            {
                return [.. _partitions.Keys];
            }
        }
    }

    public void Assign(IEnumerable<TopicPartitionOffset> places)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IConsumer<,>));
            foreach (var place in places)
            {
                if (_partitions.TryGetValue(place.TopicPartition, out var known))
                {
                    MoveTo(known, place.Offset);
                }
                else
                {
                    ArgumentException.ThrowIfNullOrEmpty(place.TopicPartition.Topic);
                    ArgumentOutOfRangeException.ThrowIfNegative(place.TopicPartition.Partition);
                    _partitions.Add(place.TopicPartition, new ConsumerPartition(place.TopicPartition, place.Offset)
                    {
                        Backoff = new RetryBackoff(Options.RetryBackoff, Options.RetryBackoffMax),
                    });
                }
            }

            Changed();
        }

        Pump();
    }

    public void Unassign(IReadOnlyCollection<TopicPartition> partitions)
    {
        lock (_gate)
        {
            foreach (var partition in partitions.Count == 0 ? [.. _partitions.Keys] : partitions)
            {
                if (_partitions.Remove(partition, out var removed))
                {
                    _bufferedBytes -= removed.Remove();
                }
            }

            Changed();
        }

        Pump();
    }

    public void Seek(TopicPartition partition, OffsetSpec offset)
    {
        lock (_gate)
        {
            MoveTo(Find(partition), offset);
            Changed();
        }

        Pump();
    }

    public void SetPaused(IEnumerable<TopicPartition> partitions, bool isPaused)
    {
        lock (_gate)
        {
            foreach (var partition in partitions.Select(Find).ToArray())
            {
                partition.IsPausedByApplication = isPaused;
                Queue(partition);
            }

            Changed();
        }

        Pump();
    }

    public T Read<T>(TopicPartition partition, Func<ConsumerPartition, T> read)
    {
        lock (_gate)
        {
            return read(Find(partition));
        }
    }

    /// <summary>Makes the caller the only reader.</summary>
    public void BeginReading()
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            throw new InvalidOperationException("Another read of this consumer is going on; a consumer has one reader at a time.");
        }

        lock (_gate)
        {
            if (_isDisposed)
            {
                Volatile.Write(ref _isReading, 0);
                throw new ObjectDisposedException(nameof(IConsumer<,>));
            }

            _isStarted = true;
        }

        Confirm();
        Group?.BeginReading();
        Pump();
    }

    public void EndReading()
    {
        Group?.EndReading();
        Volatile.Write(ref _isReading, 0);
    }

    /// <summary>
    /// The batch to hand out records of: the one of before if it has not ended and still counts, else the next one that
    /// is fetched; null when there is none.
    /// </summary>
    /// <exception cref="ConsumeException">The next thing in a partition is a failure.</exception>
    public BatchCursor? TakeCursor()
    {
        ConsumeException? failure = null;
        BatchCursor? cursor;
        bool pump;
        lock (_gate)
        {
            pump = false;
            cursor = Current() ?? TakeNext(ref pump, ref failure);
            _current = cursor;
        }

        if (pump)
        {
            Pump();
        }

        return failure is null ? cursor : throw failure;
    }

    /// <summary>Ends a batch whose records are all handed out.</summary>
    public void Finish(BatchCursor cursor)
    {
        var pump = false;
        lock (_gate)
        {
            if (ReferenceEquals(_current, cursor))
            {
                _current = null;
            }

            var partition = cursor.Partition;
            if (cursor.Version == partition.Version)
            {
                partition.Current = null;
                partition.Position = cursor.Batch.Header.NextOffset;
                Queue(partition);
                pump = partition.IsHalted && !partition.HasData;
                partition.IsHalted &= !pump;
            }
        }

        if (pump)
        {
            Pump();
        }
    }

    /// <summary>Drops a batch that cannot be read; its partition stays where it stands and is fetched again after a pause.</summary>
    public void Reject(BatchCursor cursor)
    {
        lock (_gate)
        {
            _current = null;
            if (cursor.Version == cursor.Partition.Version)
            {
                StartAgain(cursor.Partition);
            }
        }

        Pump();
    }

    /// <summary>Grows with everything that a waiting reader should look at; see <see cref="WaitAsync"/>.</summary>
    public int Signals => Volatile.Read(ref _signals);

    /// <summary>Completes when something has happened since <see cref="Signals"/> had the given value.</summary>
    public Task WaitAsync(int seenSignals)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IConsumer<,>));
            if (_signals != seenSignals)
            {
                return Task.CompletedTask;
            }

            _readerSignal ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _readerSignal.Task;
        }
    }

    /// <summary>Whether every partition that is assigned and not paused has passed the given offset.</summary>
    public bool HaveReached(IReadOnlyDictionary<TopicPartition, long> ends)
    {
        lock (_gate)
        {
            return ends.All(end => !_partitions.TryGetValue(end.Key, out var partition)
                || partition.IsPaused
                || (partition.HasPosition && partition.Position >= end.Value));
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await (Group?.CloseAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }
        finally
        {
            await StopAsync().ConfigureAwait(false);
        }
    }

    private async Task StopAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            foreach (var partition in _partitions.Values)
            {
                _bufferedBytes -= partition.Remove();
            }

            _partitions.Clear();
            _ready.Clear();
            SignalReader();
        }

        Metrics.Dispose();
        _regroupTimer?.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
    }

    private ConsumerPartition Find(TopicPartition partition)
        => _partitions.GetValueOrDefault(partition)
            ?? throw new InvalidOperationException($"{partition} is not assigned to this consumer.");

    private void MoveTo(ConsumerPartition partition, OffsetSpec offset) => _bufferedBytes -= partition.MoveTo(offset);

    private void Changed()
    {
        Volatile.Write(ref _change, _change + 1);
        SignalReader();
    }

    private void SignalReader()
    {
        Volatile.Write(ref _signals, _signals + 1);
        _readerSignal?.TrySetResult();
        _readerSignal = null;
    }

    private void Queue(ConsumerPartition partition)
    {
        if (partition.HasData && !partition.IsPaused && !partition.IsQueued && !partition.IsRemoved)
        {
            partition.IsQueued = true;
            _ready.Enqueue(partition);
            SignalReader();
        }
    }

    private BatchCursor? Current()
    {
        var cursor = _current;
        if (cursor is null || cursor.Version != cursor.Partition.Version || cursor.Partition.IsPaused)
        {
            // A paused partition keeps its batch and goes on with it when it is resumed.
            return null;
        }

        return cursor;
    }

    private BatchCursor? TakeNext(ref bool pump, ref ConsumeException? failure)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "The queue belongs to the lock.");
        while (_ready.TryDequeue(out var partition))
        {
            partition.IsQueued = false;
            if (partition.IsPaused || partition.IsRemoved)
            {
                continue;
            }

            if (partition.Current is { } resumed)
            {
                return resumed;
            }

            while (partition.Chunks.TryPeek(out var chunk))
            {
                if (chunk.TryTake(out var batch))
                {
                    Release(partition, batch.Memory.Length, ref pump);
                    if (TryOpen(partition, chunk, batch) is { } cursor)
                    {
                        return cursor;
                    }

                    continue;
                }

                partition.Chunks.Dequeue();
                if (chunk.Failure is { } found)
                {
                    // The partition starts again from where it stands; if nobody moves it, the failure comes again.
                    failure = found;
                    StartAgain(partition);
                    pump = true;
                    return null;
                }
            }

            pump |= partition.IsHalted;
            partition.IsHalted = false;
        }

        return null;
    }

    private static BatchCursor? TryOpen(ConsumerPartition partition, FetchedChunk chunk, RecordBatch batch)
    {
        if (batch.Header.NextOffset <= partition.Position)
        {
            return null;
        }

        if (batch.Header.IsControl || batch.Header.RecordCount == 0)
        {
            partition.Position = batch.Header.NextOffset;
            return null;
        }

        partition.ConsumedEpoch = batch.Header.PartitionLeaderEpoch;
        return partition.Current = new BatchCursor(partition, partition.Version, batch, partition.Position, chunk.HighWatermark);
    }

    private void StartAgain(ConsumerPartition partition)
    {
        MoveTo(partition, partition.HasPosition ? OffsetSpec.At(partition.Position) : partition.Start);
        partition.LoseLeader(refresh: true);
    }

    private void Release(ConsumerPartition partition, int bytes, ref bool pump)
    {
        var wasFull = IsFull(partition);
        partition.BufferedBytes -= bytes;
        _bufferedBytes -= bytes;
        pump |= (wasFull && !IsFull(partition)) || (_isWaitingForRoom && HasRoom());
    }
}
