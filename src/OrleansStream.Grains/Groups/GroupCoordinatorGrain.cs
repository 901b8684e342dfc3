using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Groups;
using OrleansStream.Core.Topics;
using OrleansStream.Grains.Placement;

namespace OrleansStream.Grains.Groups;

/// <summary>
/// The shell around the <see cref="GroupCoordinator"/> of one partition of <c>__consumer_offsets</c>: loads it when this broker begins to lead
/// the partition, appends what it stores, and answers. A wait holds no turn.
/// </summary>
/// <remarks>
/// It is there for as long as the broker leads, whether anybody asks for its groups or not: members that died must be missed, and offsets
/// expire. One that failed loads again by itself. An activation that coordinates nothing is collected when idle.
/// </remarks>
[Reentrant]
[BrokerPlacement]
[GrainType("groupcoordinator")]
internal sealed partial class GroupCoordinatorGrain : Grain, IGroupCoordinatorGrain
{
    /// <summary>How long a request waits for the coordinator to load before it is told so: long enough for a small one.</summary>
    private static readonly TimeSpan LoadPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>After how long a coordinator that failed, or could not be loaded, is loaded again if nobody asks for it before.</summary>
    private static readonly TimeSpan ReloadDelay = TimeSpan.FromSeconds(1);

    private readonly GroupServices _services;
    private readonly TopicPartition _topicPartition;
    private readonly IPartitionGrain _partition;
    private readonly RequestWaits _waits;
    private readonly CancellationTokenSource _ending;
    private readonly CancellationToken _ended;
    private TaskScheduler _turns = TaskScheduler.Default;
    private OpenCoordinator? _open;
    private Task<ErrorCode>? _loading;

    // The last coordinator's append, which may be under way when it is closed.
    private Task _leftover = Task.CompletedTask;
    private bool _reloadIsDue;

    public GroupCoordinatorGrain(GroupServices services)
    {
        _services = services;
        _waits = new RequestWaits(services.Time);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(services.Broker.Stopping);
        _ended = _ending.Token;
        var key = GroupCoordinatorKey.Parse(this.GetPrimaryKeyString());
        _topicPartition = new TopicPartition(InternalTopics.ConsumerOffsets, key.Partition);
        _partition = GrainFactory.GetGrain<IPartitionGrain>(new PartitionGrainKey(_topicPartition, key.BrokerId).ToString());
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _turns = TaskScheduler.Current;
        return Task.CompletedTask;
    }

    public Task OnLeadershipChangedAsync()
    {
        if (Current() is null && LeadingEpoch() >= 0)
        {
            _ = BeginLoading();
        }

        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
        CloseOpen();
        await _leftover.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_loading is { } loading)
        {
            // It ends without opening a coordinator that nobody could close.
            await ((Task)loading).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        _ending.Dispose();
    }

    /// <summary>Runs a command on the coordinator, if this is where it is.</summary>
    private async Task<GroupOutcome> RunAsync(
        Func<GroupCoordinator, long, CoordinatorTime, GroupEffects> command, CancellationToken cancellationToken)
    {
        if (Current() is { } open)
        {
            return await open.RunAsync(command);
        }

        var error = await WaitForLoadAsync(cancellationToken);
        return error == ErrorCode.None && Current() is { } loaded
            ? await loaded.RunAsync(command)
            : GroupOutcome.Failed(error == ErrorCode.None ? ErrorCode.NotCoordinator : error);
    }

    /// <summary>The coordinator, if it is loaded and this broker leads the partition in the same epoch still.</summary>
    private OpenCoordinator? Current()
    {
        if (_open is { } open && (open.IsClosed || open.LeaderEpoch != LeadingEpoch()))
        {
            CloseOpen();
            DelayDeactivation(TimeSpan.FromTicks(-1));
        }

        return _open;
    }

    private void CloseOpen()
    {
        if (_open is { } open)
        {
            open.Close();
            _leftover = open.Appending;
            _open = null;
        }
    }

    private int LeadingEpoch() => _services.Hosted.Find(_topicPartition)?.LeadingEpoch ?? -1;

    private async Task<ErrorCode> WaitForLoadAsync(CancellationToken cancellationToken)
    {
        if (LeadingEpoch() < 0)
        {
            return ErrorCode.NotCoordinator;
        }

        var loading = BeginLoading();
        if (!loading.IsCompleted)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(loading, Task.Delay(LoadPatience, _services.Time, patience.Token));
            await patience.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        return loading.IsCompleted ? await loading : ErrorCode.CoordinatorLoadInProgress;
    }

    private Task<ErrorCode> BeginLoading() => _loading ??= LoadCoreAsync();

    private async Task<ErrorCode> LoadCoreAsync()
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        try
        {
            // Not before the caller has the task in its field.
            await Task.Yield();
            await _leftover;
            int epoch;
            GroupCoordinator? machine;
            do
            {
                epoch = LeadingEpoch();
                if (epoch < 0)
                {
                    return ErrorCode.NotCoordinator;
                }

                var loader = new CoordinatorLoader(_partition, _topicPartition, epoch, _services);
                machine = await loader.LoadAsync(
                    _services.Configs.Broker.Get(BrokerConfigKeys.OffsetsLoadBufferSize), _ended);
                _ended.ThrowIfCancellationRequested();
                if (machine is null && LeadingEpoch() == epoch)
                {
                    return ErrorCode.CoordinatorNotAvailable;
                }
            }
            while (LeadingEpoch() != epoch);

            _open = new OpenCoordinator(_services, machine!, _topicPartition, _partition, epoch, _turns, () => _ = LoadLaterAsync());
            return ErrorCode.None;
        }
        catch (OperationCanceledException)
        {
            return ErrorCode.NotCoordinator;
        }
        catch (Exception exception)
        {
            LogLoadThrew(_services.Logger, exception, _topicPartition);
            return ErrorCode.CoordinatorNotAvailable;
        }
        finally
        {
            _loading = null;
            if (_open is null)
            {
                DelayDeactivation(TimeSpan.FromTicks(-1));
                _ = LoadLaterAsync();
            }
        }
    }

    /// <summary>Loads again after a moment, if this broker leads then and nobody has asked before. Never fails.</summary>
    private async Task LoadLaterAsync()
    {
        if (_reloadIsDue || LeadingEpoch() < 0)
        {
            return;
        }

        _reloadIsDue = true;
        await Task.Delay(ReloadDelay, _services.Time, _ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _reloadIsDue = false;
        if (!_ended.IsCancellationRequested && Current() is null && LeadingEpoch() >= 0)
        {
            _ = BeginLoading();
        }
    }

    [Microsoft.Extensions.Logging.LoggerMessage(21, Microsoft.Extensions.Logging.LogLevel.Error, "The groups of {Partition} cannot be loaded")]
    private static partial void LogLoadThrew(Microsoft.Extensions.Logging.ILogger logger, Exception exception, TopicPartition partition);
}
