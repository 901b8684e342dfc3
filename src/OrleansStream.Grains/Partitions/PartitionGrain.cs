using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Producers;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Placement;
using OrleansStream.Grains.Replication;
using OrleansStream.Storage;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Grains.Partitions;

/// <summary>
/// The shell around one <see cref="PartitionReplica"/> and its log: validates, asks the machine, appends, waits for
/// durability, answers. Turns are short; every wait (room, flush, disk) lets other calls in.
/// </summary>
/// <remarks>
/// While it hosts a replica (or knows why it cannot), the activation stays. One that hosts nothing is collected when idle, since
/// anybody can make up keys; it never deactivates itself, because the controller's word may just be arriving.
/// </remarks>
[Reentrant]
[BrokerPlacement]
[GrainType("partition")]
internal sealed partial class PartitionGrain : Grain, IPartitionGrain, IHostedPartition
{
    private static readonly TimeSpan MaintenancePeriod = TimeSpan.FromSeconds(30);

    private readonly PartitionServices _services;
    private readonly PartitionGrainKey _key;

    // Opening, changing roles and closing take several turns; they happen one after the other.
    private readonly SemaphoreSlim _control = new(1);
    private TaskScheduler _turns = TaskScheduler.Default;
    private OpenReplica? _open;
    private IGrainTimer? _maintenance;
    private string? _openFailure;

    public PartitionGrain(PartitionServices services)
    {
        _services = services;
        _key = PartitionGrainKey.Parse(this.GetPrimaryKeyString());
        Reference = this.AsReference<IPartitionGrain>();
    }

    public TopicPartition TopicPartition => _key.TopicPartition;

    public Guid TopicId => _open?.TopicId ?? Guid.Empty;

    public IPartitionGrain Reference { get; }

    public int LeadingEpoch => _open is { Replica: { Role: ReplicaRole.Leader } replica } ? replica.LeaderEpoch : -1;

    public bool IsFollowed(TimeSpan within) => _open?.IsFollowed(within) == true;

    public bool IsThrottledAsLeader => _open?.Settings.LeaderThrottled.Contains(TopicPartition.Partition, _key.BrokerId) == true;

    public bool IsThrottledAsFollower => _open?.Settings.FollowerThrottled.Contains(TopicPartition.Partition, _key.BrokerId) == true;

    private long NowMs => _services.Time.GetUtcNow().ToUnixTimeMilliseconds();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _turns = TaskScheduler.Current;
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
        => CloseAsync(delete: false, cancellationToken);

    public async Task<ErrorCode> LeaderAndIsrAsync(LeaderAndIsrPartition state, CancellationToken cancellationToken)
    {
        await _control.WaitAsync(cancellationToken);
        try
        {
            if (_open is { } stale && stale.TopicId != state.TopicId)
            {
                // The topic was deleted and made again while this broker was not told.
                PartitionGrainLog.TopicIdChanged(_services.Logger, TopicPartition, stale.TopicId, state.TopicId);
                await CloseCoreAsync(stale, delete: true, cancellationToken);
            }

            if (_open is null && await TryOpenAsync(state.TopicId, cancellationToken) is { } failure)
            {
                return failure;
            }

            return Apply(_open!, state);
        }
        finally
        {
            _control.Release();
        }
    }

    public async Task<ErrorCode> StopReplicaAsync(bool deletePartition, int leaderEpoch, CancellationToken cancellationToken)
    {
        // Judged when it is its turn: the controller's later word may have been waiting for the same.
        await _control.WaitAsync(cancellationToken);
        try
        {
            if (_open is { } open)
            {
                if (open.Replica.CheckStop(leaderEpoch) is { IsSuccess: false } late)
                {
                    PartitionGrainLog.LeadershipRefused(_services.Logger, TopicPartition, late.Error, late.Message);
                    return late.Error;
                }

                await CloseCoreAsync(open, deletePartition, cancellationToken);
            }
            else if (deletePartition)
            {
                await _services.Logs.DeleteAsync(TopicPartition);
                _openFailure = null;
            }

            return ErrorCode.None;
        }
        catch (IOException exception)
        {
            PartitionGrainLog.StopFailed(_services.Logger, exception, TopicPartition);
            return ErrorCode.KafkaStorageError;
        }
        finally
        {
            _control.Release();
        }
    }

    public Task<PartitionDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        if (_open is not { } open)
        {
            return Task.FromResult(NotHosted((_, message) => new PartitionDescription(
                TopicPartition.Topic, TopicPartition.Partition, _key.BrokerId, IsLeader: false, -1, -1, -1, -1, -1, -1, 0, message)));
        }

        var replica = open.Replica;
        return Task.FromResult(new PartitionDescription(
            TopicPartition.Topic,
            TopicPartition.Partition,
            _key.BrokerId,
            replica.Role == ReplicaRole.Leader,
            replica.LeaderEpoch,
            replica.LogStartOffset,
            replica.HighWatermark,
            replica.LastStableOffset,
            replica.LogEndOffset,
            replica.FlushedOffset,
            replica.Role == ReplicaRole.Offline ? 0 : open.Log.SizeBytes,
            replica.OfflineReason));
    }

    public Task<PartitionProduceResponse> ProduceAsync(PartitionProduceRequest request, CancellationToken cancellationToken)
        => _open is { } open
            ? open.ProduceAsync(request)
            : Task.FromResult(NotHosted((error, message) => new PartitionProduceResponse(error, message, -1, -1, -1, -1)));

    public Task<PartitionReadResponse> ReadAsync(PartitionReadRequest request, CancellationToken cancellationToken)
        => _open is { } open
            ? open.ReadAsync(request, cancellationToken)
            : Task.FromResult(NotHosted((error, message) => new PartitionReadResponse(error, message, -1, -1, -1, -1, default)));

    public Task<ListOffsetResponse> ListOffsetAsync(ListOffsetRequest request, CancellationToken cancellationToken)
        => _open is { } open
            ? open.ListOffsetAsync(request, cancellationToken)
            : Task.FromResult(NotHosted((error, _) => new ListOffsetResponse(error, -1, -1, -1)));

    public Task<OffsetForLeaderEpochResponse> OffsetForLeaderEpochAsync(OffsetForLeaderEpochRequest request, CancellationToken cancellationToken)
        => Task.FromResult(_open is { } open
            ? open.OffsetForLeaderEpoch(request)
            : NotHosted((error, _) => new OffsetForLeaderEpochResponse(error, -1, -1)));

    public Task<DeleteRecordsResponse> DeleteRecordsAsync(long beforeOffset, CancellationToken cancellationToken)
        => _open is { } open
            ? open.DeleteRecordsAsync(beforeOffset, cancellationToken)
            : Task.FromResult(NotHosted((error, _) => new DeleteRecordsResponse(error, -1)));

    public Task<DescribeProducersResponse> DescribeProducersAsync(CancellationToken cancellationToken)
        => Task.FromResult(_open is { } open
            ? open.DescribeProducers()
            : NotHosted((error, message) => new DescribeProducersResponse(error, message, [])));

    Task<FollowerAnswer> IHostedPartition.FetchAsReplicaAsync(ReplicaFetch fetch, FollowerRoom room)
        => InTurnAsync(() => _open is { } open ? open.FetchAsReplicaAsync(fetch, room) : Task.FromResult(FollowerAnswer.NotLeader));

    Task<ReplicaFetch?> IHostedPartition.NextFetchAsync() => InTurnAsync(() => Task.FromResult(_open?.NextFetch()));

    Task<FollowerStep> IHostedPartition.OnFetchedAsync(ReplicaFetch fetch, ReplicaFetchPartitionResponse answer) => InTurnAsync(async () =>
    {
        // The role must not change while the log is being written.
        await _control.WaitAsync();
        try
        {
            return _open is { } open ? await open.OnFetchedAsync(fetch, answer) : default;
        }
        finally
        {
            _control.Release();
        }
    });

    Task<FollowerFlush> IHostedPartition.WhenFlushedAsync() => InTurnAsync(() => _open is { } open ? open.WhenFlushedAsync() : Task.FromResult<FollowerFlush>(default));

    Task IHostedPartition.OnFollowerFlushedAsync(ReplicaFlush flush) => InTurnAsync(() =>
    {
        _open?.OnFollowerFlushed(flush);
        return Task.CompletedTask;
    });

    Task IHostedPartition.CheckIsrAsync() => InTurnAsync(() =>
    {
        _open?.CheckIsr();
        return Task.CompletedTask;
    });

    Task IHostedPartition.StopUnassignedAsync() => InTurnAsync(() => CloseAsync(delete: false, CancellationToken.None));

    ICompactionTarget? IHostedPartition.Compaction => _open?.Compaction;

    Task IHostedPartition.ApplyConfigAsync(TopicConfig config) => InTurnAsync(() =>
    {
        _open?.SetConfig(PartitionSettings.From(config, _services.Configs.Broker));
        return Task.CompletedTask;
    });

    Task<bool> IHostedPartition.ShutDownAsync(CancellationToken cancellationToken)
        => InTurnAsync(() => CloseAsync(delete: false, cancellationToken));

    /// <summary>Opens the log and rebuilds what is not in it.</summary>
    /// <returns>Null on success.</returns>
    private async Task<ErrorCode?> TryOpenAsync(Guid topicId, CancellationToken cancellationToken)
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        var settings = PartitionSettings.From(await _services.Configs.GetAsync(TopicPartition.Topic, cancellationToken), _services.Configs.Broker);
        OpenedLog? opened = null;
        try
        {
            opened = await _services.Logs.OpenAsync(TopicPartition, topicId, settings.Log, cancellationToken);
            var snapshots = opened.Directory is { } directory ? new ProducerSnapshotFile(directory) : null;
            var producers = await RecoverProducersAsync(opened.Log, snapshots, cancellationToken);
            var replica = new PartitionReplica(
                TopicPartition, _key.BrokerId, settings.Replica, producers, opened.Log.LogStartOffset, opened.Log.LogEndOffset);
            _open = new OpenReplica(_services, _turns, topicId, opened.Log, replica, settings, snapshots);
            _openFailure = null;
        }
        catch (IOException exception)
        {
            // LogOfflineException names partition, file and cause.
            PartitionGrainLog.OpenFailed(_services.Logger, exception, TopicPartition);
            _openFailure = exception.Message;
            return ErrorCode.KafkaStorageError;
        }
        finally
        {
            if (_open is null && opened is not null)
            {
                await opened.Log.DisposeAsync();
            }
        }

        _services.Hosted.Add(this);
        StartMaintenance();
        return null;
    }

    private void StartMaintenance()
    {
        var retention = TimeSpan.FromMilliseconds(_services.Configs.Broker.Get(BrokerConfigKeys.LogRetentionCheckIntervalMs));
        var period = retention < MaintenancePeriod ? retention : MaintenancePeriod;
        _maintenance = this.RegisterGrainTimer(MaintainAsync, new GrainTimerCreationOptions(period, period) { Interleave = true });
    }

    private ErrorCode Apply(OpenReplica open, LeaderAndIsrPartition state)
    {
        var leadership = new PartitionLeadership(
            state.ControllerEpoch, state.Leader, state.LeaderEpoch, state.PartitionEpoch, state.Replicas, state.Isr)
        {
            Elr = [.. state.Elr ?? []],
            BrokerEpochs = (state.BrokerEpochs ?? []).ToImmutableSortedDictionary(),
        };
        var before = (open.Replica.Role, open.Replica.LeaderEpoch);
        var transition = state.Leader == _key.BrokerId
            ? open.Replica.BecomeLeader(leadership, NowMs)
            : open.Replica.BecomeFollower(leadership, NowMs);
        if (transition.Error != ErrorCode.None)
        {
            PartitionGrainLog.LeadershipRefused(_services.Logger, TopicPartition, transition.Error, transition.Message);
            return transition.Error;
        }

        open.CarryOut(transition.Effects);
        if (before != (open.Replica.Role, open.Replica.LeaderEpoch))
        {
            PartitionGrainLog.RoleChanged(_services.Logger, TopicPartition, open.Replica.Role, open.Replica.LeaderEpoch, open.Replica.LogEndOffset);
            _services.Signals.Signal(TopicPartition);
            _services.Appends.Signals.Signal(TopicPartition);
            if (before.Role == ReplicaRole.Leader || open.Replica.Role == ReplicaRole.Leader)
            {
                _services.Elections.OnLeadershipChanged(TopicPartition);
            }

            if (open.Replica is { Role: ReplicaRole.Follower, Leader: >= 0 and var leader })
            {
                _services.Fetchers.Follow(this, leader);
            }
            else
            {
                _services.Fetchers.Unfollow(TopicPartition);
            }
        }

        return ErrorCode.None;
    }

    /// <summary>The answer while no log is open here.</summary>
    private T NotHosted<T>(Func<ErrorCode, string, T> answer)
    {
        if (_openFailure is { } failure)
        {
            return answer(ErrorCode.KafkaStorageError, failure);
        }

        var why = _services.Broker.WhyNotHosted(TopicPartition, _services.Metadata.Current);
        return answer(why.Error, why.Message!);
    }

    private Task MaintainAsync(CancellationToken cancellationToken)
        => _open?.MaintainAsync(_services.Configs.Broker, cancellationToken) ?? Task.CompletedTask;

    private async Task<bool> CloseAsync(bool delete, CancellationToken cancellationToken)
    {
        await _control.WaitAsync(cancellationToken);
        try
        {
            return _open is not { } open || await CloseCoreAsync(open, delete, cancellationToken);
        }
        finally
        {
            _control.Release();
        }
    }

    private async Task<bool> CloseCoreAsync(OpenReplica open, bool delete, CancellationToken cancellationToken)
    {
        _services.Hosted.Remove(this);
        _services.Fetchers.Unfollow(TopicPartition);
        if (open.Replica.Role == ReplicaRole.Leader)
        {
            _services.Elections.OnLeadershipChanged(TopicPartition);
        }

        _maintenance?.Dispose();
        _maintenance = null;
        var isOnDisk = await open.CloseAsync(delete, cancellationToken);
        if (ReferenceEquals(_open, open))
        {
            _open = null;
            DelayDeactivation(TimeSpan.FromTicks(-1));
        }

        _services.Signals.Signal(TopicPartition);
        return isOnDisk;
    }

    /// <summary>Runs something that comes from outside as a turn of this grain.</summary>
    private Task<T> InTurnAsync<T>(Func<Task<T>> work)
        => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns).Unwrap();

    private Task InTurnAsync(Func<Task> work)
        => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns).Unwrap();

    private async Task<ProducerStateTable> RecoverProducersAsync(
        IPartitionLog log, ProducerSnapshotFile? snapshots, CancellationToken cancellationToken)
    {
        var producers = new ProducerStateTable(TopicPartition);
        if (await ProducerRecovery.RebuildAsync(log, producers, snapshots, NowMs, cancellationToken) is { } problem)
        {
            PartitionGrainLog.SnapshotUnusable(_services.Logger, TopicPartition, problem);
        }

        return producers;
    }
}
