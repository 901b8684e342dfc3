using OrleansStream.Abstractions;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <content>What must be known before the partition can send: its leader, and the producer id and epoch.</content>
internal sealed partial class ProducerPartition
{
    private static readonly TimeSpan LongestLookPause = TimeSpan.FromMilliseconds(250);

    private RetryBackoff _backoff;
    private IPartitionGrain? _leader;
    private int _leaderId = -1;
    private int _waysVersion;
    private bool _isPrepared;
    private bool _isPreparing;
    private bool _refreshMetadata;
    private TimeSpan _pause;

    private long _producerId = -1;
    private short _producerEpoch = -1;
    private int _nextSequence;
    private bool _needsNewEpoch;
    private bool _needsNewProducerId;
    private int _sequenceResets;

    /// <summary>Takes note of new metadata: another leader is used once what is under way is settled.</summary>
    public void Update(PartitionMetadata metadata)
    {
        lock (_gate)
        {
            if (metadata.Leader >= 0 && metadata.Leader != _leaderId)
            {
                _isPrepared = false;
            }
        }
    }

    /// <summary>Fails everything that is not under way; what is under way fails when it ends.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _isClosed = true;
            Seal();
            FailWaiting(ClosedError);
        }

        Report();
    }

    private async Task PrepareAsync()
    {
        while (true)
        {
            try
            {
                var pause = TakePause();
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, _core.Time, _core.Stopping).ConfigureAwait(false);
                }

                await PrepareOnceAsync().ConfigureAwait(false);
                break;
            }
#pragma warning disable CA1031 // Whatever prevents sending is told to those who wait for the records.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!GoesOnAfter(exception))
                {
                    break;
                }
            }
        }

        Report();
        ScheduleDrain();
    }

    private TimeSpan TakePause()
    {
        lock (_gate)
        {
            var pause = _pause;
            _pause = TimeSpan.Zero;
            return pause;
        }
    }

    private async Task PrepareOnceAsync()
    {
        var cancellationToken = _core.Stopping;
        var entry = await GetMetadataAsync(cancellationToken).ConfigureAwait(false);
        var metadata = entry.Partition(TopicPartition.Partition);
        if (entry.Topic.Error != ErrorCode.None || metadata is null)
        {
            var error = entry.Topic.Error == ErrorCode.None ? ErrorCode.UnknownTopicOrPartition : entry.Topic.Error;
            throw new OrleansStreamException(error, $"No broker knows {TopicPartition}.");
        }

        if (metadata.Leader < 0)
        {
            throw new OrleansStreamException(ErrorCode.LeaderNotAvailable, $"{TopicPartition} has no leader at the moment.");
        }

        var producer = await GetProducerAsync(cancellationToken).ConfigureAwait(false);
        var waysVersion = _core.Context.WaysVersion;
        var factory = await _core.Context.GetGrainFactoryAsync(metadata.Leader, cancellationToken).ConfigureAwait(false);
        var leader = factory.GetGrain<IPartitionGrain>(new PartitionGrainKey(TopicPartition, metadata.Leader).ToString());
        lock (_gate)
        {
            if (producer.ProducerId != _producerId || producer.ProducerEpoch != _producerEpoch)
            {
                StartSequence(producer);
            }

            _needsNewEpoch = _needsNewProducerId = false;
            _leader = leader;
            _leaderId = metadata.Leader;
            _waysVersion = waysVersion;
            _refreshMetadata = false;
            _isPrepared = true;
            _isPreparing = false;
        }
    }

    private async Task<TopicEntry> GetMetadataAsync(CancellationToken cancellationToken)
    {
        var known = _core.Context.Metadata.TryGet(TopicPartition.Topic);
        bool refresh;
        lock (_gate)
        {
            // Another leader than the one that has failed is news enough; should it fail as well, the question is asked.
            refresh = _refreshMetadata && known?.Partition(TopicPartition.Partition)?.Leader == _leaderId;
        }

        return known is not null && !refresh && known.Partition(TopicPartition.Partition) is { Leader: >= 0 }
            ? known
            : await _core.Context.Metadata.RefreshAsync(TopicPartition.Topic, known?.Version ?? -1, false, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ProducerSequence> GetProducerAsync(CancellationToken cancellationToken)
    {
        if (!_core.UsesIdempotence)
        {
            return ProducerSequence.None;
        }

        ProducerSequence current;
        bool needsNewId, needsNewEpoch;
        lock (_gate)
        {
            current = new ProducerSequence(_producerId, _producerEpoch, 0);
            needsNewId = _needsNewProducerId || (_needsNewEpoch && _producerEpoch == short.MaxValue);
            needsNewEpoch = _needsNewEpoch;
        }

        if (needsNewId)
        {
            return await _core.InitProducerIdAsync(cancellationToken).ConfigureAwait(false);
        }

        // A producer without transactions raises its epoch by itself (KIP-360). The epoch is the partition's own, because
        // leaders compare it for each partition.
        return needsNewEpoch && current.ProducerId >= 0
            ? current with { ProducerEpoch = (short)(current.ProducerEpoch + 1) }
            : current.ProducerId >= 0 ? current : await _core.GetProducerIdAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Goes on under another id or epoch: batches that are not settled get new sequences when they are sent again.</summary>
    private void StartSequence(ProducerSequence producer)
    {
        _producerId = producer.ProducerId;
        _producerEpoch = producer.ProducerEpoch;
        _nextSequence = 0;
        _isKnownToLeader = false;
        foreach (var batch in _retries)
        {
            batch.ForgetSequence();
        }
    }

    /// <summary>
    /// The wait until the leader is looked for again: all partitions of a topic share a question, and whoever waits twice as long each time
    /// finds the new leader as late again as it was elected.
    /// </summary>
    private TimeSpan PauseBeforeLooking()
    {
        var (pause, longest) = (_backoff.Next(), _core.Options.RetryBackoff > LongestLookPause ? _core.Options.RetryBackoff : LongestLookPause);
        return pause < longest ? pause : longest;
    }

    /// <summary>Sorts out why preparing failed; false when there is nothing left to prepare for.</summary>
    private bool GoesOnAfter(Exception exception)
    {
        var error = CallFailures.ToErrorCode(exception);
        lock (_gate)
        {
            if (_core.IsStopped)
            {
                FailWaiting(ClosedError);
            }
            else if (!error.MayRetry())
            {
                FailWaiting(batch => Error(batch, error, $"{TopicPartition} cannot be produced to: {exception.Message}", exception));
            }
            else
            {
                _refreshMetadata = true;
                FailExpired(error, exception);
            }

            if (HasPending())
            {
                _pause = PauseBeforeLooking();
                _core.Log.CannotPrepare(TopicPartition, exception.Message, _pause);
                return true;
            }

            _isPreparing = false;
            return false;
        }
    }

    private void FailExpired(ErrorCode error, Exception exception)
    {
        foreach (var batch in _retries.Concat(_sealed).Append(_open))
        {
            if (batch is not null && batch.Attempts == 0)
            {
                batch.LastFailure = (error, exception.Message, exception);
            }
        }

        if (_open is { } open && IsExpired(open))
        {
            Seal();
        }

        while ((_retries.Count > 0 || _sealed.Count > 0) && IsExpired(_retries.Count > 0 ? _retries[0] : _sealed.Peek()))
        {
            var batch = Dequeue();
            Fail(batch, ExpiredError(batch));
        }
    }

    private void FailWaiting(Func<ProducerBatch, ProduceException> error)
    {
        while (_retries.Count > 0 || _sealed.Count > 0 || _open is not null)
        {
            var batch = Dequeue();
            Fail(batch, error(batch));
        }
    }

    private bool IsExpired(ProducerBatch batch) => _core.Time.GetElapsedTime(batch.CreatedAt) >= _core.Options.DeliveryTimeout;

    private ProduceException ExpiredError(ProducerBatch batch)
    {
        var (error, message, exception) = batch.LastFailure;
        var reason = error == ErrorCode.None ? "waiting for earlier records of the partition" : $"last: {error.WireName()}: {message}";
        return Error(
            batch,
            ErrorCode.RequestTimedOut,
            $"{batch.RecordCount} records for {TopicPartition} were not delivered within DeliveryTimeout = {_core.Options.DeliveryTimeout} ({batch.Attempts} attempts; {reason}).",
            exception);
    }

    private ProduceException RefusedError(ProducerBatch batch, ErrorCode error)
    {
        var message = batch.LastFailure.Message is { Length: > 0 } said ? said : error.WireName();
        return error == ErrorCode.MessageTooLarge
            ? new RecordTooLargeException(TopicPartition, batch.SizeInBytes, -1, $"A record of {batch.SizeInBytes} bytes is larger than topic '{TopicPartition.Topic}' allows (max.message.bytes): {message}")
            : Error(batch, error, $"{TopicPartition} refused {batch.RecordCount} records with {error.WireName()}: {message}", batch.LastFailure.Exception);
    }

    private ProduceException ClosedError(ProducerBatch batch)
        => Error(
            batch,
            ErrorCode.NetworkException,
            $"The producer was disposed before {batch.RecordCount} records for {TopicPartition} were delivered (DisposeTimeout = {_core.Options.DisposeTimeout}).",
            batch.LastFailure.Exception);

    private ProduceException Error(ProducerBatch batch, ErrorCode error, string message, Exception? exception)
        => new(error, TopicPartition, message, batch.MayBeStored, exception);
}
