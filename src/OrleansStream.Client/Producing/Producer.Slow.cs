using System.Diagnostics;

namespace OrleansStream.Client;

/// <content>What happens when a record cannot be buffered at once, or somebody looks on.</content>
internal sealed partial class Producer<TKey, TValue>
{
    /// <inheritdoc/>
    public async ValueTask<FanOutResult> ProduceToAllAsync(
        IReadOnlyList<string> topics,
        Message<TKey, TValue> message,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        var known = new ProducerTopic[topics.Count];
        for (var i = 0; i < known.Length; i++)
        {
            known[i] = FindTopic(topics[i]) ?? await _core.GetTopicAsync(topics[i], cancellationToken).ConfigureAwait(false);
        }

        // The same time stands in every topic.
        message = message with { Timestamp = message.Timestamp ?? _core.Time.GetUtcNow() };
        Check(known, message);
        var deliveries = new Task<DeliveryResult>[known.Length];
        for (var i = 0; i < known.Length; i++)
        {
            deliveries[i] = ProduceAsync(known[i].Name, message, cancellationToken).AsTask();
        }

        var reports = new DeliveryReport[known.Length];
        for (var i = 0; i < known.Length; i++)
        {
            try
            {
                reports[i] = new DeliveryReport(await deliveries[i].ConfigureAwait(false), null, null);
            }
            catch (ProduceException exception)
            {
                var place = new DeliveryResult(exception.TopicPartition, -1, message.Timestamp.Value.ToUnixTimeMilliseconds());
                reports[i] = new DeliveryReport(place, null, exception);
            }
        }

        return new FanOutResult(reports);
    }

    private void Check(ProducerTopic[] topics, in Message<TKey, TValue> message)
    {
        var scratch = SerializationScratch.Take();
        try
        {
            foreach (var topic in topics)
            {
                var record = Encode(topic.Name, message, scratch);
                if (message.Partition is not null)
                {
                    SelectPartition(topic, message, record);
                }

                scratch.Clear();
            }
        }
        finally
        {
            scratch.Return();
        }
    }

    private async ValueTask SendSlowAsync(string topic, Message<TKey, TValue> message, DeliveryHandler? handler, object? state, CancellationToken cancellationToken)
    {
        var turn = _order.Join(topic);
        try
        {
            await turn.ComesAsync(cancellationToken).ConfigureAwait(false);
            var known = await _core.GetTopicAsync(topic, cancellationToken).ConfigureAwait(false);
            var started = _core.Time.GetTimestamp();
            AppendResult result;
            for (var hasWaited = false; (result = TryAppend(known, message, handler, state, hasWaited)) != AppendResult.Appended; hasWaited = true)
            {
                await WaitForRoomAsync(known, result, started, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            turn.Leave();
            if (turn.WasInLine)
            {
                // The caller's code goes on elsewhere: it may block.
                await Task.Yield();
            }
        }
    }

    private async ValueTask<DeliveryResult> ProduceSlowAsync(string topic, Message<TKey, TValue> message, CancellationToken cancellationToken)
    {
        ValueTask<DeliveryResult> delivery;
        var turn = _order.Join(topic);
        try
        {
            await turn.ComesAsync(cancellationToken).ConfigureAwait(false);
            var known = await _core.GetTopicAsync(topic, cancellationToken).ConfigureAwait(false);
            var started = _core.Time.GetTimestamp();
            AppendResult result;
            for (var hasWaited = false; (result = TryAppend(known, message, hasWaited, out delivery)) != AppendResult.Appended; hasWaited = true)
            {
                await WaitForRoomAsync(known, result, started, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            turn.Leave();
            if (turn.WasInLine)
            {
                // The caller's code goes on elsewhere: it may block.
                await Task.Yield();
            }
        }

        return cancellationToken.CanBeCanceled
            ? await delivery.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false)
            : await delivery.ConfigureAwait(false);
    }

    private async Task WaitForRoomAsync(ProducerTopic topic, AppendResult result, long started, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(result == AppendResult.Closed || _core.IsStopped, this);
        var remaining = _core.Options.MaxBlock - _core.Time.GetElapsedTime(started);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _core.Stopping);
        try
        {
            if (remaining <= TimeSpan.Zero)
            {
                throw new TimeoutException();
            }

            // A record takes at least the smallest reservation; when that much is free, it is worth to try.
            var room = _core.Budget.WaitAsync(ProducerPartition.SmallestReservationBytes, giveUp.Token);
            _core.DrainAll();
            await room.WaitAsync(remaining, _core.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await giveUp.CancelAsync().ConfigureAwait(false);
            throw new ProduceException(
                ErrorCode.RequestTimedOut,
                new TopicPartition(topic.Name, -1),
                $"There was no room for a record within MaxBlock = {_core.Options.MaxBlock}: {_core.Budget.UsedBytes} of MaxBufferBytes = {_core.Options.MaxBufferBytes} are taken by records that are not delivered yet.");
        }
        catch (OperationCanceledException) when (_core.IsStopped && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(IProducer<,>));
        }
    }

    private Message<TKey, TValue> Intercept(string topic, Message<TKey, TValue> message)
    {
        foreach (var interceptor in _interceptors)
        {
            try
            {
                message = interceptor.OnSend(topic, message);
            }
#pragma warning disable CA1031 // The interceptor is the application's; the record goes on without it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _core.Log.HandlerFailed(exception);
            }
        }

        return message;
    }

    private DeliveryHandler InterceptDelivery(DeliveryHandler? handler)
        => (in DeliveryReport report) =>
        {
            TellInterceptors(report);
            if (handler is not null)
            {
                handler(report);
            }
            else if (report.Error is { } error)
            {
                _core.ReportUntracked(report.Result.TopicPartition, error);
            }
        };

    private async ValueTask<DeliveryResult> ProduceInterceptedAsync(string topic, Message<TKey, TValue> message, CancellationToken cancellationToken)
    {
        try
        {
            using var activity = ActivityOf(topic);
            var result = await ProduceCoreAsync(topic, message, cancellationToken).ConfigureAwait(false);
            TellInterceptors(new DeliveryReport(result, null, null));
            return result;
        }
        catch (ProduceException exception)
        {
            TellInterceptors(new DeliveryReport(new DeliveryResult(exception.TopicPartition, -1, -1), null, exception));
            throw;
        }
    }

    private void TellInterceptors(in DeliveryReport report)
    {
        foreach (var interceptor in _interceptors)
        {
            try
            {
                interceptor.OnDelivered(report);
            }
#pragma warning disable CA1031 // The interceptor is the application's; others are told all the same.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _core.Log.HandlerFailed(exception);
            }
        }
    }

    private static Activity? ActivityOf(string topic) => ClientDiagnostics.Source.HasListeners() ? TraceContext.StartProduce(topic) : null;

    private async ValueTask SendTracedAsync(
        Activity activity,
        string topic,
        Message<TKey, TValue> message,
        DeliveryHandler? handler,
        object? state,
        CancellationToken cancellationToken)
    {
        using (activity)
        {
            await SendSlowAsync(topic, message, handler, state, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<DeliveryResult> ProduceTracedAsync(Activity activity, string topic, Message<TKey, TValue> message, CancellationToken cancellationToken)
    {
        using (activity)
        {
            try
            {
                var result = await ProduceCoreAsync(topic, message, cancellationToken).ConfigureAwait(false);
                activity.SetTag("messaging.destination.partition.id", result.Partition).SetTag("messaging.kafka.offset", result.Offset);
                return result;
            }
            catch (OrleansStreamException exception)
            {
                activity.SetStatus(ActivityStatusCode.Error, exception.Message);
                throw;
            }
        }
    }
}
