using OrleansStream.Protocol;
using OrleansStream.Protocol.Compression;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>The typed front of a consumer: takes batches from the core and decodes them on the reader's thread.</summary>
internal sealed partial class Consumer<TKey, TValue> : IConsumer<TKey, TValue>
{
    private readonly ConsumerCore _core;
    private readonly RecordDecoder<TKey, TValue> _decoder;
    private readonly Action<ConsumerCore> _disposed;
    private BatchCursor? _cursor;
    private RecordReader _reader;
    private int _seenChange;

    public Consumer(ConsumerCore core, ConsumerOptions<TKey, TValue> options, Action<ConsumerCore> disposed)
    {
        _core = core;
        _decoder = new RecordDecoder<TKey, TValue>(options, core.Log);
        _disposed = disposed;
        _reader = new RecordReader(core.ReaderOptions);
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<TopicPartition> Assignment => _core.Assignment;

    /// <inheritdoc/>
    public void Assign(params IEnumerable<TopicPartitionOffset> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        ThrowIfSubscribed();
        _core.Assign(places);
    }

    /// <inheritdoc/>
    public async ValueTask AssignTopicAsync(string topic, OffsetSpec start, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ThrowIfSubscribed();
        var count = await _core.GetPartitionCountAsync(topic, cancellationToken).ConfigureAwait(false);
        _core.Assign(Enumerable.Range(0, count).Select(partition => new TopicPartitionOffset(topic, partition, start)));
    }

    /// <inheritdoc/>
    public void Unassign(params IEnumerable<TopicPartition> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        ThrowIfSubscribed();
        _core.Unassign([.. partitions]);
    }

    /// <inheritdoc/>
    public void Seek(TopicPartition partition, OffsetSpec offset) => _core.Seek(partition, offset);

    /// <inheritdoc/>
    public void Pause(params IEnumerable<TopicPartition> partitions) => _core.SetPaused(partitions, isPaused: true);

    /// <inheritdoc/>
    public void Resume(params IEnumerable<TopicPartition> partitions) => _core.SetPaused(partitions, isPaused: false);

    /// <inheritdoc/>
    public bool IsPaused(TopicPartition partition) => _core.Read(partition, static state => state.IsPausedByApplication);

    /// <inheritdoc/>
    public long? Position(TopicPartition partition) => _core.Read(partition, static state => state.HasPosition ? state.Position : (long?)null);

    /// <inheritdoc/>
    public Watermarks? GetWatermarks(TopicPartition partition) => _core.Read(partition, static state => state.Watermarks);

    /// <inheritdoc/>
    public ValueTask<Watermarks> QueryWatermarksAsync(TopicPartition partition, CancellationToken cancellationToken = default)
        => _core.QueryWatermarksAsync(partition, cancellationToken);

    /// <inheritdoc/>
    public bool IsAtEnd(TopicPartition partition) => _core.IsAtEnd(partition);

    /// <inheritdoc/>
    public IAsyncEnumerable<ConsumeResult<TKey, TValue>> ConsumeAsync(
        ConsumeUntil until = ConsumeUntil.Cancelled,
        CancellationToken cancellationToken = default)
        => new ConsumerEnumerable<ConsumeResult<TKey, TValue>>(_core, TryNext, until, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ConsumeBatch<TKey, TValue>> ConsumeBatchesAsync(
        ConsumeUntil until = ConsumeUntil.Cancelled,
        CancellationToken cancellationToken = default)
        => new ConsumerEnumerable<ConsumeBatch<TKey, TValue>>(_core, TryNextBatch, until, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ConsumeResult<TKey, TValue>?> PollAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "The time-out must not be negative, except Timeout.InfiniteTimeSpan.");
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ConsumeResult<TKey, TValue>?>(cancellationToken);
        }

        var isReading = false;
        try
        {
            _core.BeginReading();
            isReading = true;
            if (!_core.NeedsAttention)
            {
                if (TryNext(out var result))
                {
                    return new ValueTask<ConsumeResult<TKey, TValue>?>(result);
                }

                if (timeout == TimeSpan.Zero)
                {
                    return default;
                }
            }

            isReading = false;
            return PollSlowAsync(timeout, cancellationToken);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<ConsumeResult<TKey, TValue>?>(exception);
        }
        finally
        {
            if (isReading)
            {
                _core.Confirm();
                _core.EndReading();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _core.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _disposed(_core);
        }
    }

    private async ValueTask<ConsumeResult<TKey, TValue>?> PollSlowAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        _core.Group?.EnterCall();
        try
        {
            var time = _core.Context.Time;
            var started = time.GetTimestamp();
            while (true)
            {
                var seen = _core.Signals;
                if (_core.NeedsAttention)
                {
                    await _core.Group!.AttendAsync(cancellationToken).ConfigureAwait(false);
                }

                if (TryNext(out var result))
                {
                    return result;
                }

                var remaining = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - time.GetElapsedTime(started);
                if (remaining <= TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
                {
                    return null;
                }

                try
                {
                    await _core.WaitAsync(seen).WaitAsync(remaining, time, cancellationToken).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    return null;
                }
            }
        }
        finally
        {
            // What a poll returns counts as processed when the application commits, polls again or disposes the consumer.
            _core.Confirm();
            _core.Group?.LeaveCall();
            _core.EndReading();
        }
    }

    private bool TryNext(out ConsumeResult<TKey, TValue> result)
    {
        while (true)
        {
            var cursor = _cursor;
            if (cursor is null || _seenChange != _core.Change)
            {
                cursor = Take();
                if (cursor is null)
                {
                    result = default;
                    return false;
                }
            }

            if (TryRead(cursor, out result))
            {
                return true;
            }
        }
    }

    private BatchCursor? Take()
    {
        _seenChange = _core.Change;
        var cursor = _core.TakeCursor();
        if (cursor is not null && !ReferenceEquals(cursor, _cursor))
        {
            _cursor = null;
            Open(cursor);
        }

        return _cursor = cursor;
    }

    private void Open(BatchCursor cursor)
    {
        var header = cursor.Batch.Header;
        if (_reader.Header.CompressionType != CompressionType.None)
        {
            // Records that were handed out lie in the old reader's memory.
            _reader = new RecordReader(_core.ReaderOptions);
        }

        try
        {
            _reader.Open(cursor.Batch.Memory);
        }
        catch (Exception exception) when (exception is ProtocolException or CompressionUnavailableException)
        {
            throw Rejected(cursor, exception);
        }

        _core.Metrics.Taken(cursor.Partition.TopicPartition.Topic, header.RecordCount, header.SizeInBytes);
    }

    private bool TryRead(BatchCursor cursor, out ConsumeResult<TKey, TValue> result)
    {
        bool found;
        try
        {
            found = _decoder.TryNext(_reader, cursor.Partition.TopicPartition, cursor.NextOffset, out result);
        }
        catch (ProtocolException exception)
        {
            throw Rejected(cursor, exception);
        }
        catch (RecordSerializationException)
        {
            // The next read opens the batch again and finds the same record.
            _cursor = null;
            throw;
        }

        if (found)
        {
            _core.HandOut(cursor.Partition, result.Offset);
            cursor.NextOffset = result.Offset + 1;
        }

        if (!found || _reader.RemainingRecords == 0)
        {
            _cursor = null;
            _core.Finish(cursor);
        }

        return found;
    }

    private bool TryNextBatch(out ConsumeBatch<TKey, TValue> batch)
    {
        _cursor = null;
        var cursor = _core.TakeCursor();
        if (cursor is null)
        {
            batch = null!;
            return false;
        }

        var reader = new RecordReader(_core.ReaderOptions);
        try
        {
            reader.Open(cursor.Batch.Memory);
        }
        catch (Exception exception) when (exception is ProtocolException or CompressionUnavailableException)
        {
            throw Rejected(cursor, exception);
        }

        batch = new ConsumeBatch<TKey, TValue>(_decoder, cursor, reader);
        _core.Metrics.Taken(batch.TopicPartition.Topic, batch.RecordCount, batch.SizeInBytes);
        _core.HandOut(cursor.Partition, batch.FirstOffset);
        _core.Finish(cursor);
        return true;
    }

    private ConsumeException Rejected(BatchCursor cursor, Exception exception)
    {
        _cursor = null;
        _core.Reject(cursor);
        var partition = cursor.Partition.TopicPartition;
        return exception is CompressionUnavailableException
            ? new ConsumeException(ErrorCode.UnsupportedCompressionType, partition, cursor.NextOffset, $"{partition} at offset {cursor.NextOffset}: {exception.Message}", exception)
            : new CorruptBatchException(partition, cursor.NextOffset, cursor.Batch.Header.NextOffset, exception.Message.TrimEnd('.'), exception);
    }
}
