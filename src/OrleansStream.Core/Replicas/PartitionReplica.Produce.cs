using OrleansStream.Core.Producers;

namespace OrleansStream.Core.Replicas;

/// <content>Appends and their acknowledgement.</content>
public sealed partial class PartitionReplica
{
    private const short AcksAll = -1;

    /// <summary>
    /// Whether a produce of so many bytes may be let in at all: the checks that need no look at the batch and
    /// that are worth making before room is reserved for it.
    /// </summary>
    public ProduceDecision CheckAdmission(short acks, int sizeBytes)
    {
        if (acks is not (0 or 1 or AcksAll))
        {
            return Refuse(ErrorCode.InvalidRequiredAcks, $"acks is {acks}; it must be 0, 1 or -1 (all).");
        }

        if (Role == ReplicaRole.Offline)
        {
            return Refuse(ErrorCode.KafkaStorageError, OfflineReason!);
        }

        if (Role != ReplicaRole.Leader)
        {
            return Refuse(
                ErrorCode.NotLeaderOrFollower,
                Leader >= 0
                    ? $"Broker {BrokerId} does not lead {TopicPartition}; broker {Leader} does, in epoch {LeaderEpoch}."
                    : $"Broker {BrokerId} does not lead {TopicPartition}.");
        }

        if (acks == AcksAll && _isr.Count < Config.MinInSyncReplicas)
        {
            return Refuse(
                ErrorCode.NotEnoughReplicas,
                $"{TopicPartition} has {_isr.Count} in-sync replica(s) [{string.Join(", ", _isr)}], but min.insync.replicas is {Config.MinInSyncReplicas}.");
        }

        if (sizeBytes > Config.MaxMessageBytes)
        {
            return Refuse(
                ErrorCode.MessageTooLarge,
                $"The record batch for {TopicPartition} has {sizeBytes} bytes, but max.message.bytes is {Config.MaxMessageBytes}.");
        }

        return new ProduceDecision(ProduceDecisionKind.Append, ErrorCode.None, null, LogEndOffset, -1, LeaderEpoch, -1);
    }

    /// <summary>
    /// Decides on a batch. If the answer is to append it, that has to happen, and <see cref="OnAppended"/> be told, before
    /// any other command.
    /// </summary>
    public ProduceDecision DecideProduce(in ProduceCommand command)
    {
        var admission = CheckAdmission(command.Acks, command.SizeBytes);
        if (admission.Kind == ProduceDecisionKind.Refuse)
        {
            return admission;
        }

        if (command.IsTransactional)
        {
            return Refuse(ErrorCode.InvalidTxnState, $"The batch for {TopicPartition} belongs to a transaction; this broker has no transactions yet.");
        }

        var isLogAppendTime = Config.TimestampType == TimestampType.LogAppendTime;
        var verdict = Producers.Check(command.Producer);
        return verdict.Kind switch
        {
            ProducerVerdictKind.Refuse => Refuse(verdict.Error, verdict.Message!),
            ProducerVerdictKind.Duplicate => new ProduceDecision(
                ProduceDecisionKind.Duplicate,
                ErrorCode.None,
                null,
                verdict.BaseOffset,
                verdict.EndOffset,
                LeaderEpoch,
                isLogAppendTime ? verdict.TimestampMs : -1),
            _ => new ProduceDecision(
                ProduceDecisionKind.Append,
                ErrorCode.None,
                null,
                LogEndOffset,
                LogEndOffset + command.Producer.LastOffsetDelta + 1,
                LeaderEpoch,
                isLogAppendTime ? command.NowMs : -1),
        };
    }

    /// <summary>Takes note of a batch that the leader has appended as decided.</summary>
    /// <param name="batch">The batch, with its timestamp as stamped.</param>
    /// <param name="baseOffset">Its offset in the log.</param>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    /// <returns>What follows at once: something only if the topic does not wait for flushes.</returns>
    public ReplicaEffects OnAppended(in ProducerBatch batch, long baseOffset, long nowMs)
    {
        if (baseOffset < LogEndOffset)
        {
            throw new InvalidOperationException($"A batch was appended to {TopicPartition} at {baseOffset}, below its end {LogEndOffset}.");
        }

        Producers.Replay(batch, baseOffset, nowMs);
        LogEndOffset = baseOffset + batch.LastOffsetDelta + 1;
        return Config.DurableBeforeAck ? ReplicaEffects.None : Advance();
    }

    /// <summary>
    /// Registers a produce that is to be answered when everything below <paramref name="endOffset"/> is as durable as
    /// <paramref name="acks"/> asks. The outcome comes in the effects of a later command, unless it is there already.
    /// </summary>
    /// <param name="ticket">The grain's number for it; larger than any before.</param>
    /// <param name="endOffset">The offset after the batch.</param>
    /// <param name="acks">1 or -1.</param>
    /// <param name="deadlineMs">When to give up, Unix milliseconds.</param>
    /// <returns>The outcome if it is there already, else null.</returns>
    public ErrorCode? AwaitAck(long ticket, long endOffset, short acks, long deadlineMs)
    {
        if (Role != ReplicaRole.Leader)
        {
            return Role == ReplicaRole.Offline ? ErrorCode.KafkaStorageError : ErrorCode.NotLeaderOrFollower;
        }

        if (acks == 0 || (acks != AcksAll && endOffset <= HeldOffset))
        {
            return ErrorCode.None;
        }

        if (acks == AcksAll && endOffset <= HighWatermark)
        {
            return AllReplicasOutcome;
        }

        _pendingAcks.Add(ticket, endOffset, acks == AcksAll, deadlineMs);
        return null;
    }

    /// <summary>Gives up on produces whose deadline has passed.</summary>
    public ReplicaEffects ExpireAcks(long nowMs)
    {
        var acks = new List<AckOutcome>();
        _pendingAcks.Expire(nowMs, acks);
        return acks.Count == 0 ? ReplicaEffects.None : new ReplicaEffects(false, acks, null);
    }

    /// <summary>When <see cref="ExpireAcks"/> is due next, Unix milliseconds; null while nothing waits. Looks at every waiting produce.</summary>
    public long? NextAckDeadlineMs() => _pendingAcks.EarliestDeadlineMs();

    private ProduceDecision Refuse(ErrorCode error, string message)
        => new(ProduceDecisionKind.Refuse, error, message, -1, -1, LeaderEpoch, -1);
}
