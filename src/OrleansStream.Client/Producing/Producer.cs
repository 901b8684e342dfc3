using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>
/// The typed front of a producer: runs interceptors, serializes, chooses the partition and appends. All of it happens on
/// the caller's thread and without allocation when there is room.
/// </summary>
internal sealed partial class Producer<TKey, TValue> : IProducer<TKey, TValue>
{
    private readonly ProducerCore _core;
    private readonly ISerializer<TKey> _keySerializer;
    private readonly ISerializer<TValue> _valueSerializer;
    private readonly IMemorySerializer<TKey>? _keyMemory;
    private readonly IMemorySerializer<TValue>? _valueMemory;
    private readonly IPartitioner _partitioner;
    private readonly IProducerInterceptor<TKey, TValue>[] _interceptors;
    private readonly Action<ProducerCore> _disposed;
    private readonly CallOrder _order = new();
    private ProducerTopic? _lastTopic;

    public Producer(ProducerCore core, ProducerOptions<TKey, TValue> options, Action<ProducerCore> disposed)
    {
        _core = core;
        _keySerializer = options.KeySerializer ?? Serializers.For<TKey>();
        _valueSerializer = options.ValueSerializer ?? Serializers.For<TValue>();
        _keyMemory = _keySerializer as IMemorySerializer<TKey>;
        _valueMemory = _valueSerializer as IMemorySerializer<TValue>;
        _partitioner = options.Partitioner ?? new DefaultPartitioner();
        _interceptors = [.. options.Interceptors];
        _disposed = disposed;
    }

    /// <inheritdoc/>
    public ValueTask SendAsync(
        string topic,
        Message<TKey, TValue> message,
        DeliveryHandler? handler = null,
        object? state = null,
        CancellationToken cancellationToken = default)
    {
        if (_interceptors.Length > 0)
        {
            message = Intercept(topic, message);
            handler = InterceptDelivery(handler);
        }

        if (ActivityOf(topic) is { } activity)
        {
            return SendTracedAsync(activity, topic, message, handler, state, cancellationToken);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            if (FindTopic(topic) is { } known && !_order.MustWait(topic) && TryAppend(known, message, handler, state, hasWaited: false) == AppendResult.Appended)
            {
                return default;
            }
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }

        return SendSlowAsync(topic, message, handler, state, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<DeliveryResult> ProduceAsync(string topic, Message<TKey, TValue> message, CancellationToken cancellationToken = default)
    {
        if (_interceptors.Length > 0)
        {
            return ProduceInterceptedAsync(topic, Intercept(topic, message), cancellationToken);
        }

        if (ActivityOf(topic) is { } activity)
        {
            return ProduceTracedAsync(activity, topic, message, cancellationToken);
        }

        return ProduceCoreAsync(topic, message, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => _core.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<int> GetPartitionCountAsync(string topic, CancellationToken cancellationToken = default)
        => (await _core.GetTopicAsync(topic, cancellationToken).ConfigureAwait(false)).Partitions.Length;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _core.DisposeAsync().ConfigureAwait(false);
        _disposed(_core);
    }

    private ValueTask<DeliveryResult> ProduceCoreAsync(string topic, in Message<TKey, TValue> message, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<DeliveryResult>(cancellationToken);
        }

        try
        {
            if (FindTopic(topic) is { } known
                && !_order.MustWait(topic)
                && TryAppend(known, message, hasWaited: false, out var delivery) == AppendResult.Appended)
            {
                return cancellationToken.CanBeCanceled && !delivery.IsCompleted
                    ? new ValueTask<DeliveryResult>(delivery.AsTask().WaitAsync(cancellationToken))
                    : delivery;
            }
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<DeliveryResult>(exception);
        }

        return ProduceSlowAsync(topic, message, cancellationToken);
    }

    private ProducerTopic? FindTopic(string topic)
    {
        // Most producers write to one topic, under a name that is one object.
        var last = Volatile.Read(ref _lastTopic);
        if (last is not null && ReferenceEquals(last.Name, topic))
        {
            return last;
        }

        ArgumentException.ThrowIfNullOrEmpty(topic);
        ObjectDisposedException.ThrowIf(_core.IsDisposed, this);
        if (_core.TryGetTopic(topic) is not { } found)
        {
            return null;
        }

        Volatile.Write(ref _lastTopic, found);
        return found;
    }

    private AppendResult TryAppend(ProducerTopic topic, in Message<TKey, TValue> message, DeliveryHandler? handler, object? state, bool hasWaited)
    {
        var scratch = SerializationScratch.Take();
        try
        {
            var record = Encode(topic.Name, message, scratch);
            return SelectPartition(topic, message, record).TryAppend(record, handler, state, hasWaited);
        }
        finally
        {
            scratch.Return();
        }
    }

    private AppendResult TryAppend(ProducerTopic topic, in Message<TKey, TValue> message, bool hasWaited, out ValueTask<DeliveryResult> delivery)
    {
        var scratch = SerializationScratch.Take();
        try
        {
            var record = Encode(topic.Name, message, scratch);
            return SelectPartition(topic, message, record).TryAppend(record, hasWaited, out delivery);
        }
        finally
        {
            scratch.Return();
        }
    }

    private EncodedRecord Encode(string topic, in Message<TKey, TValue> message, SerializationScratch scratch)
    {
        var key = _keyMemory is not null
            ? message.Key is null ? NullableSpan.Null : new NullableSpan(_keyMemory.AsMemory(message.Key).Span)
            : NullableSpan.Null;
        var value = _valueMemory is not null
            ? message.Value is null ? NullableSpan.Null : new NullableSpan(_valueMemory.AsMemory(message.Value).Span)
            : NullableSpan.Null;

        // Both parts are serialized before either is sliced, because the scratch may move as it grows.
        var keyLength = -1;
        if (_keyMemory is null && message.Key is { } typedKey)
        {
            Serialize(_keySerializer, typedKey, scratch, topic, RecordPart.Key, message.Headers);
            keyLength = scratch.Length;
        }

        if (_valueMemory is null && message.Value is { } typedValue)
        {
            var start = scratch.Length;
            Serialize(_valueSerializer, typedValue, scratch, topic, RecordPart.Value, message.Headers);
            value = new NullableSpan(scratch.Slice(start, scratch.Length - start));
        }

        if (keyLength >= 0)
        {
            key = new NullableSpan(scratch.Slice(0, keyLength));
        }

        var timestampMs = message.Timestamp is { } timestamp ? timestamp.ToUnixTimeMilliseconds() : _core.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var headers = message.Headers is { Count: > 0 } own ? own.Span : default;
        if (_core.Options.PropagateTraceContext && TraceContext.IsActive)
        {
            headers = TraceContext.AddTo(message.Headers);
        }

        var record = new EncodedRecord(timestampMs, key, value, headers);
        if (RecordBatchHeader.Size + record.MaxSize > _core.Options.MaxRecordBytes)
        {
            ThrowIfTooLarge(topic, record);
        }

        return record;
    }

    private static void Serialize<T>(ISerializer<T> serializer, T value, SerializationScratch scratch, string topic, RecordPart part, Headers? headers)
    {
        try
        {
            serializer.Serialize(value, scratch, new SerializationContext(topic, part, headers));
        }
        catch (Exception exception) when (exception is not OrleansStreamException)
        {
            throw new RecordSerializationException(new TopicPartition(topic, -1), -1, part, exception);
        }
    }

    private ProducerPartition SelectPartition(ProducerTopic topic, in Message<TKey, TValue> message, in EncodedRecord record)
    {
        var partitions = topic.Partitions;
        if (message.Partition is not { } chosen)
        {
            chosen = _partitioner.SelectPartition(new PartitionerContext(
                topic.Name,
                partitions.Length,
                record.Key.HasValue,
                record.Key.Span,
                record.Key.Length + record.Value.Length,
                topic.Available));
        }

        return (uint)chosen < (uint)partitions.Length
            ? partitions[chosen]
            : throw new ProduceException(
                ErrorCode.UnknownTopicOrPartition,
                new TopicPartition(topic.Name, chosen),
                $"Topic '{topic.Name}' has no partition {chosen}; it has {partitions.Length}, numbered from 0.");
    }

    private void ThrowIfTooLarge(string topic, in EncodedRecord record)
    {
        var size = record.SizeAlone();
        if (size > _core.Options.MaxRecordBytes)
        {
            throw new RecordTooLargeException(
                new TopicPartition(topic, -1),
                size,
                _core.Options.MaxRecordBytes,
                $"A record of {size} bytes for topic '{topic}' is larger than MaxRecordBytes = {_core.Options.MaxRecordBytes}. Raise that, and the topic's max.message.bytes with it, or send less.");
        }
    }
}
