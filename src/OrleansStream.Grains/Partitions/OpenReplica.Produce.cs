using System.Buffers;
using OrleansStream.Abstractions;
using OrleansStream.Core.Replicas;
using OrleansStream.Core.Topics;
using OrleansStream.Protocol;
using OrleansStream.Protocol.Compression;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Partitions;

/// <content>Appends.</content>
internal sealed partial class OpenReplica
{
    private const short AcksNone = 0;

    /// <summary>Appends a batch and completes when it is as durable as the request asks.</summary>
    public async Task<PartitionProduceResponse> ProduceAsync(PartitionProduceRequest request)
    {
        if (Validate(request, out var batch) is { } refused)
        {
            return refused;
        }

        await _appends.EnterAsync(batch!);
        if (batch!.Predecessor is { } predecessor && await predecessor)
        {
            await _appends.EnterAsync(batch);
        }

        if (batch.Answer is { } answer)
        {
            return answer;
        }

        var error = await batch.Durability!;
        return error == ErrorCode.None
            ? batch.AnswerWhenDurable!
            : NotDurable(batch.AnswerWhenDurable!, error, request);
    }

    /// <summary>Everything that can be judged without the order of the batches.</summary>
    private PartitionProduceResponse? Validate(PartitionProduceRequest request, out PendingAppend? batch)
    {
        batch = null;
        var admission = Replica.CheckAdmission(request.Acks, request.Records.Length);
        if (admission.Kind == ProduceDecisionKind.Refuse)
        {
            return Refused(admission.Error, admission.Message);
        }

        if (InternalTopics.Contains(TopicPartition.Topic) && request.CurrentLeaderEpoch < 0)
        {
            return Refused(ErrorCode.InvalidTopicException, $"{TopicPartition.Topic} is one of the platform's own topics; clients may read it, not write to it.");
        }

        if (request.TransactionalId is { } transactionalId)
        {
            return Refused(
                ErrorCode.InvalidTxnState,
                $"The batch for {TopicPartition} has the transactional id '{transactionalId}'; this broker has no transactions yet.");
        }

        var now = NowMs;
        RecordBatchValidation validation;
        ReadOnlyMemory<byte> records;
        try
        {
            validation = RecordBatchValidator.Validate(request.Records.Span, Settings.Limits, now);
            if (!validation.IsValid)
            {
                return Refused(validation.Error, $"{TopicPartition}: {validation.Message}") with { InvalidRecords = validation.InvalidRecords?.ToArray() };
            }

            records = BatchRewrite.ForTopic(request.Records, validation, Settings, out var header);
            validation = validation with { Header = header };
        }
        catch (CompressionUnavailableException exception)
        {
            return Refused(ErrorCode.UnsupportedCompressionType, $"{TopicPartition}: {exception.Message}");
        }
        catch (ProtocolException exception)
        {
            return Refused(exception.ErrorCode, $"{TopicPartition}: {exception.Message}");
        }

        if (!request.WaitsForRoom && !_appends.HasRoomFor(records.Length))
        {
            return Refused(
                ErrorCode.ThrottlingQuotaExceeded,
                $"{TopicPartition} has {Settings.MaxQueuedBytes} bytes or more waiting for its disk already; send again later.");
        }

        batch = new PendingAppend(request, validation.Header, records, now + Math.Max(0, request.TimeoutMs));
        return null;
    }

    /// <summary>Decides on a batch that has got room, and appends it, in one step that nothing can come between.</summary>
    private void Append(PendingAppend batch)
    {
        if (!TryAppend(batch))
        {
            Log.ReturnRoom(batch.Records.Length);
        }
    }

    private bool TryAppend(PendingAppend batch)
    {
        var now = NowMs;
        if (_isClosing)
        {
            batch.Answer = Refused(ErrorCode.NotLeaderOrFollower, $"{TopicPartition} is being closed on this broker.");
            return false;
        }

        if (batch.DeadlineMs < now)
        {
            batch.Answer = Refused(
                ErrorCode.RequestTimedOut,
                $"The disk of {TopicPartition} took in nothing for the request's {batch.Request.TimeoutMs} ms; the batch was not appended.");
            return false;
        }

        if (batch.Request.CurrentLeaderEpoch >= 0
            && Replica.CheckLeaderEpoch(batch.Request.CurrentLeaderEpoch) is { IsSuccess: false } fenced)
        {
            batch.Answer = Refused(fenced.Error, fenced.Message);
            return false;
        }

        var command = new ProduceCommand(
            ProducerRecovery.BatchOf(batch.Header), batch.Records.Length, batch.Header.IsTransactional, batch.Request.Acks, now);
        var decision = Replica.DecideProduce(command);
        batch.Answer = null;
        if (decision.MayBeEarly)
        {
            batch.Predecessor ??= _early.WaitForPredecessorAsync(batch, Settings.MaxQueuedBytes);
        }

        if (decision.Kind == ProduceDecisionKind.Refuse)
        {
            batch.Answer = Refused(decision.Error, decision.Message);
            return false;
        }

        try
        {
            if (decision.Kind == ProduceDecisionKind.Append)
            {
                AppendToLog(batch, command, decision);
            }
        }
        catch (LogOfflineException exception)
        {
            GoOffline(exception);
            batch.Answer = Refused(ErrorCode.KafkaStorageError, exception.Message);
            return false;
        }

        Await(batch, decision);
        return decision.Kind == ProduceDecisionKind.Append;
    }

    private void AppendToLog(PendingAppend batch, in ProduceCommand command, in ProduceDecision decision)
    {
        var producer = command.Producer;
        if (decision.LogAppendTimeMs < 0)
        {
            Log.Append(batch.Records, decision.BaseOffset, decision.LeaderEpoch);
        }
        else
        {
            // The timestamp lies under the CRC and the request's memory is not ours to change: the one case with a second copy.
            producer = producer with { MaxTimestampMs = decision.LogAppendTimeMs };
            var copy = ArrayPool<byte>.Shared.Rent(batch.Records.Length);
            try
            {
                var records = copy.AsMemory(0, batch.Records.Length);
                batch.Records.CopyTo(records);
                RecordBatch.SetLogAppendTime(records.Span, decision.LogAppendTimeMs);
                Log.Append(records, decision.BaseOffset, decision.LeaderEpoch);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(copy);
            }
        }

        CarryOut(Replica.OnAppended(producer, decision.BaseOffset, command.NowMs));
        _early.OnAppended(producer);
        SnapshotAfter(batch.Records.Length);
        _services.Appends.Signals.Signal(TopicPartition);
    }

    /// <summary>Registers the wait that the batch's acks ask for; a duplicate waits for its first append.</summary>
    private void Await(PendingAppend batch, in ProduceDecision decision)
    {
        var acks = batch.Request.Acks;
        var answer = new PartitionProduceResponse(
            ErrorCode.None,
            null,
            acks == AcksNone ? -1 : decision.BaseOffset,
            decision.LogAppendTimeMs,
            Replica.LogStartOffset,
            decision.LeaderEpoch);
        if (acks == AcksNone)
        {
            batch.Answer = answer;
            return;
        }

        var ticket = ++_lastTicket;
        switch (Replica.AwaitAck(ticket, decision.EndOffset, acks, batch.DeadlineMs))
        {
            case ErrorCode.None:
                batch.Answer = answer;
                break;
            case { } error:
                batch.Answer = NotDurable(answer, error, batch.Request);
                break;
            case null:
                batch.AnswerWhenDurable = answer;
                batch.Durability = AddAck(ticket, batch.DeadlineMs);
                break;
        }
    }

    /// <summary>The answer for a batch that was appended, with where it is: it may become durable yet.</summary>
    private PartitionProduceResponse NotDurable(PartitionProduceResponse answer, ErrorCode error, PartitionProduceRequest request)
        => answer with { Error = error, ErrorMessage = WhyNotDurable(error, request), LogStartOffset = Replica.LogStartOffset, LeaderEpoch = Replica.LeaderEpoch };

    private string WhyNotDurable(ErrorCode error, PartitionProduceRequest request) => error switch
    {
        ErrorCode.KafkaStorageError => Replica.OfflineReason ?? $"{TopicPartition} is offline.",
        ErrorCode.RequestTimedOut => $"The batch was appended to {TopicPartition}, but not acknowledged by all in-sync replicas within {request.TimeoutMs} ms.",
        ErrorCode.NotEnoughReplicasAfterAppend => $"The batch was appended to {TopicPartition}, but then fewer than min.insync.replicas={Settings.Replica.MinInSyncReplicas} were in sync.",
        _ => $"The batch was appended to {TopicPartition}, but this broker stopped leading before it was acknowledged.",
    };
}
