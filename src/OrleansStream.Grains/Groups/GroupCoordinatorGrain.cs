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
/// The shell around the <see cref="GroupCoordinator"/> of one partition of <c>__consumer_offsets</c>: loads it when the first request comes
/// while this broker leads the partition, appends what it stores, and answers. A wait holds no turn.
/// </summary>
/// <remarks>
/// A coordinator that nobody asks for is not loaded, and one that nobody asks any more is collected as any idle grain: members ask every few
/// seconds, so its groups have none.
/// </remarks>
[Reentrant]
[BrokerPlacement]
[GrainType("groupcoordinator")]
internal sealed partial class GroupCoordinatorGrain : Grain, IGroupCoordinatorGrain
{
    /// <summary>How long a request waits for the coordinator to load before it is told so.</summary>
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(3);

    private readonly GroupServices _services;
    private readonly TopicPartition _topicPartition;
    private readonly IPartitionGrain _partition;
    private readonly RequestWaits _waits;
    private TaskScheduler _turns = TaskScheduler.Default;
    private OpenCoordinator? _open;
    private Task<ErrorCode>? _loading;

    public GroupCoordinatorGrain(GroupServices services)
    {
        _services = services;
        _waits = new RequestWaits(services.Time);
        var key = GroupCoordinatorKey.Parse(this.GetPrimaryKeyString());
        _topicPartition = new TopicPartition(InternalTopics.ConsumerOffsets, key.Partition);
        _partition = GrainFactory.GetGrain<IPartitionGrain>(new PartitionGrainKey(_topicPartition, key.BrokerId).ToString());
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _turns = TaskScheduler.Current;
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _open?.Close();
        _open = null;
        return Task.CompletedTask;
    }

    /// <summary>Runs a command on the coordinator, if this is where it is.</summary>
    private async Task<GroupOutcome> RunAsync(
        Func<GroupCoordinator, long, CoordinatorTime, GroupEffects> command, CancellationToken cancellationToken)
    {
        if (Current() is { } open)
        {
            return await open.RunAsync(command);
        }

        var error = await LoadAsync(cancellationToken);
        return error == ErrorCode.None && Current() is { } loaded
            ? await loaded.RunAsync(command)
            : GroupOutcome.Failed(error == ErrorCode.None ? ErrorCode.NotCoordinator : error);
    }

    /// <summary>The coordinator, if it is loaded and this broker leads the partition in the same epoch still.</summary>
    private OpenCoordinator? Current()
    {
        if (_open is { } open && (open.IsClosed || open.LeaderEpoch != LeadingEpoch()))
        {
            open.Close();
            _open = null;
        }

        return _open;
    }

    private int LeadingEpoch() => _services.Hosted.Find(_topicPartition)?.LeadingEpoch ?? -1;

    private async Task<ErrorCode> LoadAsync(CancellationToken cancellationToken)
    {
        if (LeadingEpoch() < 0)
        {
            return ErrorCode.NotCoordinator;
        }

        var loading = _loading ??= LoadCoreAsync();
        if (!loading.IsCompleted)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(loading, Task.Delay(LoadPatience, _services.Time, patience.Token));
            await patience.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        return loading.IsCompleted ? await loading : ErrorCode.CoordinatorLoadInProgress;
    }

    private async Task<ErrorCode> LoadCoreAsync()
    {
        try
        {
            // Not before the caller has the task in its field.
            await Task.Yield();
            var epoch = LeadingEpoch();
            if (epoch < 0)
            {
                return ErrorCode.NotCoordinator;
            }

            var loader = new CoordinatorLoader(_partition, _topicPartition, epoch, _services);
            var (error, machine) = await loader.LoadAsync(
                _services.Configs.Broker.Get(BrokerConfigKeys.OffsetsLoadBufferSize), _services.Broker.Stopping);
            if (machine is null || LeadingEpoch() != epoch)
            {
                return error is ErrorCode.None or ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch
                    ? ErrorCode.NotCoordinator
                    : ErrorCode.CoordinatorNotAvailable;
            }

            _open = new OpenCoordinator(_services, machine, _partition, epoch, _turns);
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
        }
    }

    [Microsoft.Extensions.Logging.LoggerMessage(21, Microsoft.Extensions.Logging.LogLevel.Error, "The groups of {Partition} cannot be loaded")]
    private static partial void LogLoadThrew(Microsoft.Extensions.Logging.ILogger logger, Exception exception, TopicPartition partition);
}
