using OrleansStream.Abstractions;
using OrleansStream.Core.Replicas;
using OrleansStream.Storage;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Grains.Partitions;

/// <summary>
/// A replica with its open log: what a <see cref="PartitionGrain"/> has between the controller's LeaderAndIsr and StopReplica.
/// All members are for the grain's turns, except the log's event, which brings itself into a turn.
/// </summary>
internal sealed partial class OpenReplica
{
    private readonly PartitionServices _services;
    private readonly TaskScheduler _turns;
    private readonly ProducerSnapshotFile? _snapshots;
    private readonly CancellationTokenSource _stopped = new();
    private readonly SemaphoreSlim _truncation = new(1);
    private readonly AppendQueue _appends;
    private readonly EarlyBatches _early;
    private readonly PendingNews _flushNews = new();
    private bool _isClosing;

    public OpenReplica(
        PartitionServices services,
        TaskScheduler turns,
        Guid topicId,
        IPartitionLog log,
        PartitionReplica replica,
        PartitionSettings settings,
        ProducerSnapshotFile? snapshots)
    {
        _services = services;
        _turns = turns;
        _snapshots = snapshots;
        TopicId = topicId;
        Log = log;
        Replica = replica;
        Settings = settings;
        _snapshotOffset = replica.Producers.EndOffset;
        _lastRetentionMs = NowMs;
        _appends = new AppendQueue(log, settings.MaxQueuedBytes, Append, _stopped.Token);
        Compaction = log is ICompactableLog compactable ? new CompactionTarget(this, compactable) : null;
        _early = new EarlyBatches(services.Time, _stopped.Token);
        log.FlushedOffsetAdvanced += OnFlushedOffsetAdvanced;
    }

    public Guid TopicId { get; }

    public IPartitionLog Log { get; }

    public PartitionReplica Replica { get; }

    public PartitionSettings Settings { get; private set; }

    private TopicPartition TopicPartition => Replica.TopicPartition;

    private long NowMs => _services.Time.GetUtcNow().ToUnixTimeMilliseconds();

    public void SetConfig(PartitionSettings settings)
    {
        Settings = settings;
        Log.SetConfig(settings.Log);
        CarryOut(Replica.SetConfig(settings.Replica));
    }

    /// <summary>Answers what a command of the machine has settled and wakes readers.</summary>
    public void CarryOut(ReplicaEffects effects)
    {
        foreach (var (ticket, error) in effects.Acks)
        {
            SettleAck(ticket, error);
        }

        if (effects.HighWatermarkAdvanced)
        {
            _services.Signals.Signal(TopicPartition);
        }

        if (effects.IsrProposal is { } proposal)
        {
            Propose(proposal);
        }
    }

    /// <summary>The disk has failed: this replica is out of service until the broker opens it anew; others are untouched.</summary>
    public void GoOffline(LogOfflineException exception)
    {
        if (Replica.Role == ReplicaRole.Offline)
        {
            return;
        }

        PartitionGrainLog.WentOffline(_services.Logger, exception, TopicPartition);
        CarryOut(Replica.GoOffline(exception.Message));
        _services.Offline.Report(TopicPartition);
        _services.Signals.Signal(TopicPartition);
        _services.Elections.OnLeadershipChanged(TopicPartition);
    }

    /// <summary>
    /// Refuses what has not been appended yet, makes the rest durable and answers it, saves the producer state, and closes
    /// or deletes the log.
    /// </summary>
    /// <param name="delete">Whether the log goes as well.</param>
    /// <param name="cancellationToken">Ends the wait for the disk: the log is closed then as it is, to be recovered at the next start.</param>
    /// <returns>Whether everything that was appended is on disk.</returns>
    public async Task<bool> CloseAsync(bool delete, CancellationToken cancellationToken)
    {
        _isClosing = true;
        await _stopped.CancelAsync();
        await _appends.WhenEmptyAsync();
        if (!delete && Replica.Role != ReplicaRole.Offline)
        {
            await FlushAndSnapshotAsync(cancellationToken);
        }

        var isOnDisk = delete || (Replica.Role != ReplicaRole.Offline && Log.FlushedOffset >= Log.LogEndOffset);
        Log.FlushedOffsetAdvanced -= OnFlushedOffsetAdvanced;
        CarryOut(Replica.Stop());
        _ackTimer?.Dispose();
        if (delete)
        {
            await Log.DeleteAsync();
        }
        else
        {
            await Log.DisposeAsync();
        }

        return isOnDisk;
    }

    private async Task FlushAndSnapshotAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Log.FlushAsync(Log.LogEndOffset, cancellationToken);
            OnFlushed();
            await SaveProducersAsync();
        }
        catch (LogOfflineException exception)
        {
            GoOffline(exception);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            PartitionGrainLog.FlushGivenUp(_services.Logger, TopicPartition, Log.FlushedOffset, Log.LogEndOffset);
        }
    }

    /// <summary>From any thread: brings the news into a turn, one at a time.</summary>
    private void OnFlushedOffsetAdvanced(IPartitionLog log)
    {
        if (_flushNews.Announce())
        {
            _ = Task.Factory.StartNew(
                static state =>
                {
                    var self = (OpenReplica)state!;
                    self._flushNews.BeginTelling();
                    self.OnFlushed();
                },
                this,
                CancellationToken.None,
                TaskCreationOptions.DenyChildAttach,
                _turns);
        }
    }

    private void OnFlushed()
    {
        if (Log.OfflineReason is { } reason)
        {
            GoOffline(new LogOfflineException(reason));
            return;
        }

        CarryOut(Replica.OnLocalFlush(Log.FlushedOffset));
    }

    private PartitionProduceResponse Refused(ErrorCode error, string? message)
        => new(error, message, -1, -1, Replica.LogStartOffset, Replica.LeaderEpoch);
}
