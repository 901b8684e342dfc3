using System.Collections.Concurrent;
using OrleansStream.Abstractions;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Replication;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Partitions;

/// <content>Followers: those of this replica, and this replica as one.</content>
internal sealed partial class OpenReplica
{
    // When each follower was last known to follow this leader, and in which leader epoch.
    private readonly ConcurrentDictionary<int, (int LeaderEpoch, long At)> _followedAt = new();

    /// <summary>See <see cref="IHostedPartition.IsFollowed"/>. Callable from any thread.</summary>
    public bool IsFollowed(TimeSpan within)
    {
        if (Replica.Role != ReplicaRole.Leader)
        {
            return false;
        }

        var epoch = Replica.LeaderEpoch;
        foreach (var replica in Replica.Isr)
        {
            if (replica != Replica.BrokerId
                && !(_followedAt.TryGetValue(replica, out var followed) && followed.LeaderEpoch == epoch && _services.Time.GetElapsedTime(followed.At) <= within))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Answers a follower's fetch with what is there.</summary>
    public async Task<FollowerAnswer> FetchAsReplicaAsync(ReplicaFetch fetch, FollowerRoom room)
    {
        try
        {
            var decision = Replica.OnFollowerFetch(fetch, Log, NowMs);
            CarryOut(decision.Effects);
            if (decision.Error == ErrorCode.None && room.HeardAt is { } heardAt)
            {
                _followedAt[fetch.ReplicaId] = (fetch.LeaderEpoch, heardAt);
            }

            if (decision.Error != ErrorCode.None || decision.DivergingEpoch is not null || fetch.FetchOffset >= Replica.LogEndOffset)
            {
                return FetchAnswer(decision.Error, decision.DivergingEpoch, default);
            }

            // Even one that is held back has told how far its log goes, and hears what is committed.
            var (maxBytes, minOneMessage) = (room.MaxBytes, room.MinOneMessage);
            if (room.Throttled is { } throttled && !Replica.IsInSync(fetch.ReplicaId))
            {
                if (throttled.MaxBytes == 0)
                {
                    return FetchAnswer(ErrorCode.None, null, default) with { IsHeldBack = true };
                }

                (maxBytes, minOneMessage) = (Math.Min(maxBytes, throttled.MaxBytes), throttled.MinOneMessage);
            }

            var read = await Log.ReadAsync(fetch.FetchOffset, Replica.LogEndOffset, maxBytes, minOneMessage, room.Allocate, CancellationToken.None);
            return FetchAnswer(read.Status == LogReadStatus.Ok ? ErrorCode.None : ErrorCode.OffsetOutOfRange, null, read.Records);
        }
        catch (LogOfflineException exception)
        {
            GoOffline(exception);
            return FetchAnswer(ErrorCode.KafkaStorageError, null, default);
        }
        catch (ObjectDisposedException) when (_isClosing)
        {
            return FetchAnswer(ErrorCode.NotLeaderOrFollower, null, default);
        }
    }

    /// <summary>Looks for followers that lag.</summary>
    public void CheckIsr()
    {
        if (Replica.CheckIsr(NowMs) is { } proposal)
        {
            Propose(proposal);
        }
    }

    /// <summary>What to ask the leader next; null unless this replica follows one.</summary>
    public ReplicaFetch? NextFetch()
        => _isClosing || Log.OfflineReason is not null ? null : Replica.NextFetch(Log, _services.Broker.BrokerEpoch);

    /// <summary>Carries out what the leader's answer asks for. The caller lets nothing else change the replica meanwhile.</summary>
    public async Task<FollowerStep> OnFetchedAsync(ReplicaFetch fetch, ReplicaFetchPartitionResponse answer)
    {
        try
        {
            var diverging = answer.DivergingEndOffset < 0 ? (EpochEnd?)null : new EpochEnd(answer.DivergingEpoch, answer.DivergingEndOffset);
            var action = Replica.DecideFetched(fetch, new ReplicaFetchAnswer(answer.Error, diverging, answer.HighWatermark, answer.LogStartOffset), Log);
            switch (action.Kind)
            {
                case FollowerActionKind.Append:
                    await CopyAsync(answer);
                    break;
                case FollowerActionKind.Truncate:
                    PartitionGrainLog.Diverged(_services.Logger, TopicPartition, Replica.LogEndOffset, action.Offset, answer.DivergingEpoch);
                    await CutAsync(() => Log.TruncateTailAsync(action.Offset, _stopped.Token));
                    break;
                case FollowerActionKind.StartOver:
                    PartitionGrainLog.StartsOver(_services.Logger, TopicPartition, Replica.LogStartOffset, Replica.LogEndOffset, action.Offset);
                    await CutAsync(async () =>
                    {
                        await Log.TruncateTailAsync(Math.Min(action.Offset, Log.LogStartOffset), _stopped.Token);
                        if (action.Offset > Log.LogEndOffset)
                        {
                            await Log.TruncateHeadAsync(action.Offset, _stopped.Token);
                        }
                    });
                    break;
            }

            return new FollowerStep(NextFetch(), action.Kind == FollowerActionKind.BackOff);
        }
        catch (LogOfflineException exception)
        {
            GoOffline(exception);
            return default;
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            return default;
        }
    }

    /// <summary>Completes when what has been copied is on disk; only that is told to the leader.</summary>
    public async Task<FollowerFlush> WhenFlushedAsync()
    {
        try
        {
            if (Replica.Config.DurableBeforeAck && Log.FlushedOffset < Log.LogEndOffset)
            {
                await Log.FlushAsync(Log.LogEndOffset, _stopped.Token);
            }

            // The log's own news of the flush may still be waiting for its turn.
            OnFlushed();
            return Flushed();
        }
        catch (LogOfflineException exception)
        {
            GoOffline(exception);
            return default;
        }
        catch (InvalidOperationException) when (!_isClosing)
        {
            // The records were cut off before they were flushed; what is left is asked for anew.
            return Flushed();
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException && _isClosing)
        {
            return default;
        }
    }

    /// <summary>A follower's word on how far its log is on disk.</summary>
    public void OnFollowerFlushed(ReplicaFlush flush) => CarryOut(Replica.OnFollowerFlushed(flush, NowMs));

    private FollowerFlush Flushed() => new(NextFetch(), Replica.FlushReport(_services.Broker.BrokerEpoch));

    private async Task CopyAsync(ReplicaFetchPartitionResponse answer)
    {
        foreach (var batch in RecordBatch.Enumerate(answer.Records))
        {
            var header = batch.Header;
            if (header.BaseOffset < Replica.LogEndOffset)
            {
                continue;
            }

            if (!RecordBatch.VerifyCrc(batch.Memory.Span))
            {
                // Asked for again; a leader whose disk has gone bad finds that when it reads.
                PartitionGrainLog.BadCopy(_services.Logger, TopicPartition, header.BaseOffset);
                return;
            }

            await Log.WaitForRoomAsync(batch.Memory.Length, _stopped.Token);
            Log.Append(batch.Memory, header.BaseOffset, header.PartitionLeaderEpoch);
            Replica.OnReplicated(ProducerRecovery.BatchOf(header), header.BaseOffset, NowMs);
            SnapshotAfter(batch.Memory.Length);
        }

        CarryOut(Replica.OnLeaderProgress(answer.HighWatermark));
        var logStart = Math.Min(answer.LogStartOffset, Replica.HighWatermark);
        if (logStart > Replica.LogStartOffset)
        {
            await Log.TruncateHeadAsync(logStart, _stopped.Token);
            CarryOut(Replica.OnLogStartAdvanced(Log.LogStartOffset));
        }
    }

    /// <summary>Cuts the log, and makes the producer state that of what is left. No snapshot is written meanwhile.</summary>
    private async Task CutAsync(Func<ValueTask> cut)
    {
        await _truncation.WaitAsync(_stopped.Token);
        _cuts++;
        _isCutting = true;
        try
        {
            await cut();
            Replica.OnTruncated(Log.LogStartOffset, Log.LogEndOffset, Log.FlushedOffset);
            _snapshotOffset = -1;
            await ProducerRecovery.RebuildAsync(Log, Replica.Producers, _snapshots, NowMs, _stopped.Token);
        }
        finally
        {
            _isCutting = false;
            _truncation.Release();
        }
    }

    private void Propose(IsrProposal proposal) => _ = ProposeAsync(proposal);

    private async Task ProposeAsync(IsrProposal proposal)
    {
        try
        {
            var (isWritten, current) = await _services.Isr.WriteAsync(TopicPartition, proposal, _stopped.Token);
            CarryOut(isWritten ? Replica.OnIsrCommitted(proposal, current!.PartitionEpoch) : Replica.OnIsrRefused(proposal, current));
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // Another leads, or will.
        }
        catch (Exception exception)
        {
            PartitionGrainLog.IsrFailed(_services.Logger, exception, TopicPartition);
        }
    }

    private FollowerAnswer FetchAnswer(ErrorCode error, EpochEnd? diverging, ReadOnlyMemory<byte> records)
        => new(
            new ReplicaFetchPartitionResponse(
                error, diverging?.Epoch ?? -1, diverging?.EndOffset ?? -1, Replica.HighWatermark, Replica.LogStartOffset, records),
            IsHeldBack: false);
}
