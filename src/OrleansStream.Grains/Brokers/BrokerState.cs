using OrleansStream.Core;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Cluster;

namespace OrleansStream.Grains.Brokers;

/// <summary>Who this broker is and how far it has come; shared by its grains and services. Thread-safe.</summary>
internal sealed class BrokerState : IDisposable
{
    private readonly TaskCompletionSource _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly ControllerFencing _fencing = new();
    private long _brokerEpoch = -1;
    private volatile bool _isLeaving;

    public BrokerState(int brokerId) => BrokerId = brokerId;

    /// <summary>The broker id.</summary>
    public int BrokerId { get; }

    /// <summary>The epoch of the current registration (KIP-380); -1 before the first.</summary>
    public long BrokerEpoch
    {
        get => Interlocked.Read(ref _brokerEpoch);
        set => Interlocked.Exchange(ref _brokerEpoch, value);
    }

    /// <summary>
    /// Whether the broker is handing over what it leads, to stop then. It begins to follow nobody any more: it would only be taken back into
    /// ISRs that it has just left.
    /// </summary>
    public bool IsLeaving => _isLeaving;

    /// <summary>Cancelled when the broker begins to stop.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Completes when this broker's replicas are open and clients can be answered; faults when the start fails.</summary>
    public Task WhenServing => _serving.Task;

    public void SetServing() => _serving.TrySetResult();

    public void SetFailed(Exception exception) => _serving.TrySetException(exception);

    public void BeginLeaving() => _isLeaving = true;

    public Task BeginStopAsync()
    {
        _serving.TrySetCanceled(_stopping.Token);
        return _stopping.CancelAsync();
    }

    /// <summary>Lets the current controller's word through (Kafka's fencing by controller epoch and broker epoch).</summary>
    public ErrorCode CheckController(int controllerEpoch, long brokerEpoch, long number)
    {
        lock (_lock)
        {
            return _fencing.Check(controllerEpoch, brokerEpoch, number, BrokerEpoch);
        }
    }

    /// <summary>Whether no later word of a controller has been let through since.</summary>
    public bool IsLastWord(int controllerEpoch, long number)
    {
        lock (_lock)
        {
            return _fencing.IsLast(controllerEpoch, number);
        }
    }

    /// <summary>Why a partition cannot be served from here.</summary>
    public Outcome WhyNotHosted(TopicPartition partition, MetadataSnapshot metadata)
    {
        if (metadata.Find(partition) is { } known)
        {
            return Outcome.Failure(
                ErrorCode.NotLeaderOrFollower,
                known.Leader == BrokerId
                    ? $"Broker {BrokerId} is opening or closing {partition}."
                    : $"Broker {BrokerId} does not lead {partition}; broker {known.Leader} does, in epoch {known.LeaderEpoch}.");
        }

        // Before the controller's first word this broker does not know what there is.
        return _serving.Task.IsCompletedSuccessfully
            ? Outcome.Failure(ErrorCode.UnknownTopicOrPartition, $"There is no partition {partition}.")
            : Outcome.Failure(ErrorCode.NotLeaderOrFollower, $"Broker {BrokerId} is starting and does not serve {partition} yet.");
    }

    public void Dispose()
    {
        // A silo that is killed within its process is disposed of without having been stopped.
        _stopping.Cancel();
        _stopping.Dispose();
    }
}
