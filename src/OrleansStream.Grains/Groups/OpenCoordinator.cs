using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;
using OrleansStream.Core.Groups;
using OrleansStream.Grains.Cluster;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Grains.Groups;

/// <summary>
/// A coordinator that is loaded and coordinates in one leader epoch: the machine, the requests that wait, one timer, and the appends. All
/// members are for the grain's turns.
/// </summary>
internal sealed partial class OpenCoordinator : IDisposable
{
    /// <summary>More steps than this wait for the disk only if it hangs.</summary>
    private const int MaxPendingSteps = 20_000;

    private readonly GroupServices _services;
    private readonly GroupCoordinator _machine;
    private readonly TopicPartition _topicPartition;
    private readonly IPartitionGrain _partition;
    private readonly TaskScheduler _turns;
    private readonly Dictionary<long, TaskCompletionSource<GroupOutcome>> _waiting = [];
    private readonly Action _onFailed;
    private MetadataSnapshot _metadata;
    private ITimer? _timer;
    private long _timerDueMs = long.MaxValue;
    private long _lastTicket;

    /// <param name="services">What coordinators share.</param>
    /// <param name="machine">The machine, which has replayed the whole partition.</param>
    /// <param name="topicPartition">The partition.</param>
    /// <param name="partition">Its grain, where records go.</param>
    /// <param name="leaderEpoch">The epoch in which it was loaded.</param>
    /// <param name="turns">The grain's scheduler.</param>
    /// <param name="onFailed">Called when it has closed itself.</param>
    public OpenCoordinator(
        GroupServices services,
        GroupCoordinator machine,
        TopicPartition topicPartition,
        IPartitionGrain partition,
        int leaderEpoch,
        TaskScheduler turns,
        Action onFailed)
    {
        _onFailed = onFailed;
        _services = services;
        _machine = machine;
        _topicPartition = topicPartition;
        _partition = partition;
        _turns = turns;
        _metadata = services.Metadata.Current;
        _machine.SetTopics(new TopicsOfCluster(_metadata));
        LeaderEpoch = leaderEpoch;
        CarryOut(_machine.OnLoaded(services.Now));
    }

    /// <summary>The leader epoch of the partition in which it coordinates.</summary>
    public int LeaderEpoch { get; }

    /// <summary>Whether it has stopped: its state is not that of the log any more, or another broker coordinates.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Runs a command and completes with its answer, whenever that comes.</summary>
    public Task<GroupOutcome> RunAsync(Func<GroupCoordinator, long, CoordinatorTime, GroupEffects> command)
    {
        if (IsClosed)
        {
            return Task.FromResult(GroupOutcome.Failed(ErrorCode.NotCoordinator));
        }

        if (_steps.Count >= MaxPendingSteps)
        {
            return Task.FromResult(GroupOutcome.Failed(ErrorCode.CoordinatorNotAvailable));
        }

        var ticket = ++_lastTicket;
        var answer = new TaskCompletionSource<GroupOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(ticket, answer);
        Step(() => command(_machine, ticket, _services.Now));
        return answer.Task;
    }

    /// <summary>Stops coordinating. Whoever waits is told to find the coordinator again.</summary>
    public void Close()
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        _timer?.Dispose();
        _steps.Clear();
        foreach (var (ticket, response, _) in _machine.Unload().Answers)
        {
            Settle(ticket, GroupOutcome.Of(response));
        }

        foreach (var waiting in _waiting.Values)
        {
            waiting.TrySetResult(GroupOutcome.Failed(ErrorCode.NotCoordinator));
        }

        _waiting.Clear();
    }

    public void Dispose() => Close();

    /// <summary>
    /// Lets the machine do something. If that fails, which is a bug, nobody knows what it has done to the machine: another is loaded from the log.
    /// </summary>
    private void Step(Func<GroupEffects> step)
    {
        try
        {
            FollowMetadata();
            CarryOut(step());
        }
        catch (Exception exception)
        {
            LogStepFailed(_services.Logger, exception, LeaderEpoch);
            Close();
            _onFailed();
        }
    }

    private void Settle(long ticket, GroupOutcome outcome)
    {
        if (_waiting.Remove(ticket, out var answer))
        {
            answer.TrySetResult(outcome);
        }
    }

    /// <summary>Tells the machine of changed topics. One that is gone, or that was made anew, leaves no offsets behind.</summary>
    private void FollowMetadata()
    {
        var (before, now) = (_metadata, _services.Metadata.Current);
        if (ReferenceEquals(before, now))
        {
            return;
        }

        _metadata = now;
        _machine.SetTopics(new TopicsOfCluster(now));
        var deleted = before.Topics.Values
            .Where(topic => !now.Topics.TryGetValue(topic.Name, out var current) || current.TopicId != topic.TopicId)
            .Select(topic => topic.Name)
            .ToHashSet(StringComparer.Ordinal);
        if (deleted.Count > 0)
        {
            CarryOut(_machine.OnTopicsDeleted(deleted));
        }
    }

    /// <summary>The timer is set anew only when something is due earlier than it stands: heartbeats put deadlines off all the time.</summary>
    private void ArmTimer()
    {
        if (_machine.NextDeadlineMs is not { } due || due >= _timerDueMs)
        {
            return;
        }

        _timerDueMs = due;
        var wait = TimeSpan.FromMilliseconds(Math.Clamp(due - _services.Now.MonotonicMs, 1, int.MaxValue));
        if (_timer is null)
        {
            _timer = _services.Time.CreateTimer(
                static state =>
                {
                    var self = (OpenCoordinator)state!;
                    _ = Task.Factory.StartNew(self.OnTimer, CancellationToken.None, TaskCreationOptions.DenyChildAttach, self._turns);
                },
                this,
                wait,
                Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        _timerDueMs = long.MaxValue;
        if (!IsClosed)
        {
            Step(() => _machine.Tick(_services.Now));
        }
    }

    [LoggerMessage(13, LogLevel.Error, "A group coordinator in leader epoch {LeaderEpoch} has failed and loads again")]
    private static partial void LogStepFailed(ILogger logger, Exception exception, int leaderEpoch);
}

/// <summary>The topics of a snapshot, for groups whose partitions the coordinator assigns; patterns do not match the platform's own topics.</summary>
internal sealed class TopicsOfCluster(MetadataSnapshot metadata) : IGroupTopics
{
    public IEnumerable<string> Names => metadata.Topics.Values.Where(topic => !topic.IsInternal).Select(topic => topic.Name);

    public GroupTopic? Find(string name)
        => metadata.Topics.TryGetValue(name, out var topic) ? new GroupTopic(topic.TopicId, topic.Partitions.Length) : null;
}

/// <summary>What became of a request to a coordinator.</summary>
/// <param name="Error">Why there is no response.</param>
/// <param name="Response">The response; null on an error.</param>
internal readonly record struct GroupOutcome(ErrorCode Error, IKafkaMessage? Response)
{
    public static GroupOutcome Of(IKafkaMessage response) => new(ErrorCode.None, response);

    public static GroupOutcome Failed(ErrorCode error) => new(error, null);
}
