using OrleansStream.Abstractions;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <content>Sending batches and deciding what an answer means.</content>
internal sealed partial class ProducerPartition
{
    // A leader that goes on refusing even fresh epochs does not work; so many tries without a success in between are enough.
    private const int MaxSequenceResets = 5;

    // Answers overtake each other, reports do not: a batch waits here until all before it are settled.
    private readonly PriorityQueue<Settled, long> _settled = new();
    private bool _isReporting;
    private bool _isKnownToLeader;

    /// <summary>Sends whatever is ready; runs on a thread of the pool.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            ProducerBatch? batch;
            IPartitionGrain? grain;
            int leaderId;
            bool prepare;
            lock (_gate)
            {
                batch = TakeNext(out grain, out prepare);
                leaderId = _leaderId;
                _isDraining = batch is not null;
            }

            if (batch is null)
            {
                Report();
                if (prepare)
                {
                    _ = PrepareAsync();
                }

                return;
            }

            _ = SendAsync(batch, grain!, leaderId);
        }
    }

    private ProducerBatch? TakeNext(out IPartitionGrain? grain, out bool prepare)
    {
        grain = _leader;
        prepare = false;
        if (_isPreparing || !HasReady())
        {
            return null;
        }

        // A connection of the leader's own has come up, perhaps.
        _isPrepared &= _waysVersion == _core.Context.WaysVersion;

        if (!_isPrepared)
        {
            // What is under way is settled first: its outcome decides what is sent next, and in which order.
            prepare = _isPreparing = _inFlight.Count == 0;
            return null;
        }

        while (HasReady())
        {
            var batch = Dequeue();
            if (IsExpired(batch))
            {
                Fail(batch, ExpiredError(batch));
                continue;
            }

            if (_core.UsesIdempotence && !batch.HasSequence)
            {
                batch.Sequence = new ProducerSequence(_producerId, _producerEpoch, _nextSequence);
                _nextSequence = ProducerSequence.Increment(_nextSequence, batch.RecordCount);
            }

            if (!batch.WasSent)
            {
                batch.WasSent = true;
                CountPassing();
            }

            batch.Attempts++;
            _inFlight.Add(batch);
            return batch;
        }

        return null;
    }

    private void CountPassing()
    {
        foreach (var earlier in _inFlight)
        {
            earlier.PassedBy++;
        }
    }

    /// <summary>
    /// Whether something unsettled must be settled before another batch is sent for the first time. A leader recognizes a
    /// repeated batch only among the last few that it stored, so no more than those may pass one that might be repeated. A
    /// leader that does not know the producer yet takes any sequence for its first: until it has stored a batch, there is
    /// only one under way, or a later one could take the place of one that was refused or lost.
    /// </summary>
    private bool IsWindowClosed()
    {
        if (!_core.UsesIdempotence)
        {
            return false;
        }

        if (!_isKnownToLeader && _inFlight.Count > 0)
        {
            return true;
        }

        if (_retries.Count > 0 && _retries[0].WasSent)
        {
            return false;
        }

        foreach (var batch in _inFlight)
        {
            if (batch.PassedBy >= _core.Options.MaxInFlightPerPartition - 1)
            {
                return true;
            }
        }

        return false;
    }

    private ProducerBatch Dequeue()
    {
        if (_retries.Count > 0)
        {
            var batch = _retries[0];
            _retries.RemoveAt(0);
            return batch;
        }

        if (_sealed.Count == 0)
        {
            Seal();
        }

        return _sealed.Dequeue();
    }

    private async Task SendAsync(ProducerBatch batch, IPartitionGrain grain, int leaderId)
    {
        var started = _core.Time.GetTimestamp();
        PartitionProduceResponse? response = null;
        Exception? failure = null;
        try
        {
            var timeout = _core.AttemptTimeout(batch);
            var request = new PartitionProduceRequest(
                batch.Encode(),
                (short)_core.Options.Acks,
                (int)Math.Min(timeout.TotalMilliseconds, int.MaxValue),
                null);
            var call = grain.ProduceAsync(request, CancellationToken.None);
            response = call.IsCompletedSuccessfully
                ? await call.ConfigureAwait(false)
                : await _core.Context.WhileLeadingAsync(call, [TopicPartition], leaderId, TimeSpan.Zero, timeout, CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Every failure of a call is an outcome of the batch: it is sorted out below, never lost.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
            _core.Context.Failed(leaderId, exception);
        }

        _core.Metrics.RequestEnded(_core.Time.GetElapsedTime(started));
        Settle(batch, response, failure);
    }

    private void Settle(ProducerBatch batch, PartitionProduceResponse? response, Exception? failure)
    {
        bool drain;
        lock (_gate)
        {
            _inFlight.Remove(batch);
            var error = response?.Error ?? (failure is Protocol.Compression.CompressionUnavailableException
                ? ErrorCode.UnsupportedCompressionType
                : CallFailures.ToErrorCode(failure!));
            if (error is ErrorCode.None or ErrorCode.DuplicateSequenceNumber)
            {
                // A duplicate that the leader remembers no more than that: it is stored, where is not known.
                Succeed(batch, error == ErrorCode.None ? response! : response! with { BaseOffset = -1, LogAppendTimeMs = -1 });
            }
            else
            {
                var noAnswer = failure is not null && error != ErrorCode.UnsupportedCompressionType;
                batch.IsShared |= noAnswer;
                batch.MayBeStored |= noAnswer || error is ErrorCode.RequestTimedOut or ErrorCode.NotEnoughReplicasAfterAppend;
                batch.LastFailure = (error, response?.ErrorMessage ?? failure?.Message, failure);
                SettleFailure(batch, error);
            }

            drain = TryStartDrain();
        }

        Report();
        if (drain)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void Succeed(ProducerBatch batch, PartitionProduceResponse response)
    {
        _backoff.Reset();
        _sequenceResets = 0;
        _isKnownToLeader |= batch.HasSequence && batch.Sequence.ProducerId == _producerId && batch.Sequence.ProducerEpoch == _producerEpoch;
        var acknowledged = _core.Options.Acks != Acks.None;
        Enqueue(batch, new DeliveryOutcome(
            TopicPartition,
            acknowledged ? response.BaseOffset : -1,
            acknowledged ? response.LogAppendTimeMs : -1,
            null));
    }

    private void SettleFailure(ProducerBatch batch, ErrorCode error)
    {
        if (_core.IsStopped)
        {
            Fail(batch, ClosedError(batch));
        }
        else if (batch.HasSequence && error is ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId or ErrorCode.InvalidProducerEpoch)
        {
            SettleSequenceFailure(batch, error);
        }
        else if (error == ErrorCode.MessageTooLarge && batch.RecordCount > 1)
        {
            Split(batch);
        }
        else if (!error.MayRetry())
        {
            Fail(batch, RefusedError(batch, error));
        }
        else if (IsExpired(batch))
        {
            Fail(batch, ExpiredError(batch));
        }
        else
        {
            Retry(batch, error);
        }
    }

    /// <summary>
    /// The leader's picture of this producer does not fit the batch (KIP-360). If an earlier batch is not settled, that one
    /// is missing and both are sent again in order. If this is the first, the leader certainly does not have it: what came
    /// before failed here or was lost there, and the rest goes on under a new epoch with sequences from 0.
    /// </summary>
    private void SettleSequenceFailure(ProducerBatch batch, ErrorCode error)
    {
        if (OldestOrder() < batch.Order)
        {
            Retry(batch, error);
            return;
        }

        if (++_sequenceResets > MaxSequenceResets)
        {
            Fail(batch, RefusedError(batch, error));
            return;
        }

        if (IsExpired(batch))
        {
            batch.MayBeStored = false;
            Fail(batch, ExpiredError(batch));
        }
        else
        {
            batch.MayBeStored = false;
            Retry(batch, error);
        }

        _needsNewEpoch = true;
        _needsNewProducerId |= error == ErrorCode.InvalidProducerEpoch;
        _core.Log.SequenceRefused(TopicPartition, error, batch.Sequence.ProducerId, batch.Sequence.ProducerEpoch, batch.Sequence.BaseSequence);
    }

    private void Retry(ProducerBatch batch, ErrorCode error)
    {
        Reinsert(batch);
        _core.Metrics.Retried();
        _refreshMetadata |= error.InvalidatesMetadata() || batch.LastFailure.Exception is not null;
        if (_isPrepared)
        {
            _isPrepared = false;
            _pause = _refreshMetadata ? PauseBeforeLooking() : _backoff.Next();
            _core.Log.Retrying(TopicPartition, error, batch.LastFailure.Message, batch.Attempts, _pause);
        }
    }

    private void Reinsert(ProducerBatch batch)
    {
        var place = _retries.FindIndex(other => other.Order > batch.Order);
        _retries.Insert(place < 0 ? _retries.Count : place, batch);
    }

    /// <summary>Replaces a batch that is larger than the topic allows by two halves with the same sequences, and learns the limit.</summary>
    private void Split(ProducerBatch batch)
    {
        var firstCount = (batch.RecordCount + 1) / 2;
        var bytes = batch.SizeInBytes;
        _batchSize = Math.Max(ProducerOptionsValidator.MinBatchSize, Math.Min(_batchSize, bytes / 2));
        using var reader = new RecordReader(new RecordReaderOptions { CheckCrc = false });
        reader.Open(batch.Encode());
        var first = CopyRecords(reader, firstCount);
        var second = CopyRecords(reader, batch.RecordCount - firstCount);

        // The second half comes before whatever comes next, wherever that is just now.
        var endOfStep = (batch.Order / OrderStep * OrderStep) + OrderStep;
        var nextOrder = _retries.Concat(_inFlight).Select(other => other.Order).Where(order => order > batch.Order).Append(endOfStep).Min();
        Reinsert(new ProducerBatch(batch, batch.Order, 0, first, batch.ReservedBytes));
        Reinsert(new ProducerBatch(batch, batch.Order + Math.Max(1, (nextOrder - batch.Order) / 2), firstCount, second, 0));
        batch.Release();
        _isPrepared = false;
        _core.Log.Split(TopicPartition, bytes, batch.RecordCount, _batchSize);
    }

    private OwnedRecordBatch CopyRecords(RecordReader reader, int count)
    {
        using var builder = new RecordBatchBuilder(_core.Options.Compression);
        for (var i = 0; i < count && reader.TryRead(out var record); i++)
        {
            builder.Append(record.TimestampMs, record.Key, record.Value, record.Headers.ToArray());
        }

        return builder.Close();
    }

    private void Fail(ProducerBatch batch, ProduceException error)
    {
        // Sequences that the leader certainly did not see and that nothing later was sent with are used again.
        if (batch.HasSequence
            && !batch.MayBeStored
            && batch.Sequence.ProducerId == _producerId
            && batch.Sequence.ProducerEpoch == _producerEpoch
            && ProducerSequence.Increment(batch.Sequence.BaseSequence, batch.RecordCount) == _nextSequence)
        {
            _nextSequence = batch.Sequence.BaseSequence;
        }

        Enqueue(batch, new DeliveryOutcome(TopicPartition, -1, -1, error));
    }

    private void Enqueue(ProducerBatch batch, in DeliveryOutcome outcome) => _settled.Enqueue(new Settled(batch, outcome), batch.Order);

    /// <summary>Tells outcomes in the order of the records, outside the lock; one thread at a time.</summary>
    private void Report()
    {
        var run = new List<Settled>();
        var flushes = new List<TaskCompletionSource>();
        while (TakeReportable(run))
        {
            foreach (var settled in run)
            {
                _core.Report(settled.Batch, settled.Outcome);
            }

            lock (_gate)
            {
                _isReporting = false;
                TakeEndedFlushes(flushes);
            }

            foreach (var flush in flushes)
            {
                flush.SetResult();
            }
        }
    }

    /// <summary>Takes the settled batches before the first one that is not; false if there are none or another thread reports.</summary>
    private bool TakeReportable(List<Settled> run)
    {
        run.Clear();
        lock (_gate)
        {
            if (_isReporting)
            {
                return false;
            }

            // Once the producer is stopped, what failed does not wait for answers that may never come.
            var oldest = _core.IsStopped ? long.MaxValue : OldestOrder();
            while (_settled.TryPeek(out var settled, out var order) && order < oldest)
            {
                _settled.Dequeue();
                run.Add(settled);
            }

            return _isReporting = run.Count > 0;
        }
    }

    private readonly record struct Settled(ProducerBatch Batch, DeliveryOutcome Outcome);
}
