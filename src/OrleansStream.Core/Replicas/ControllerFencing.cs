namespace OrleansStream.Core.Replicas;

/// <summary>
/// A broker's guard against controllers that have been replaced, against requests meant for its last life (KIP-380), and against requests
/// that come late, after one that was sent later: a replica that was stopped must not be opened again by a word from before.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class ControllerFencing
{
    private long _lastNumber = -1;

    /// <summary>The largest controller epoch that was heard of; -1 before the first.</summary>
    public int ControllerEpoch { get; private set; } = -1;

    /// <summary>
    /// Whether a request that was let through is still the last one: the rest of one that takes its time must not be carried out after a
    /// later one, which says it anew.
    /// </summary>
    public bool IsLast(int controllerEpoch, long number) => controllerEpoch == ControllerEpoch && number == _lastNumber;

    /// <summary>Whether a controller's request may be carried out.</summary>
    /// <param name="controllerEpoch">The controller's epoch.</param>
    /// <param name="brokerEpoch">The registration of this broker that the controller means.</param>
    /// <param name="number">The request's number: each request of a controller epoch has a larger one than those before; repeats have their own again.</param>
    /// <param name="currentBrokerEpoch">The registration as this broker knows it. The controller may have seen a new one first.</param>
    /// <returns>
    /// Success, <see cref="ErrorCode.StaleControllerEpoch"/>, <see cref="ErrorCode.StaleBrokerEpoch"/>,
    /// <see cref="ErrorCode.InvalidUpdateVersion"/> for one that comes late, or, before this broker knows its first
    /// registration and so cannot tell, <see cref="ErrorCode.BrokerNotAvailable"/>: ask again.
    /// </returns>
    public ErrorCode Check(int controllerEpoch, long brokerEpoch, long number, long currentBrokerEpoch)
    {
        if (controllerEpoch < ControllerEpoch)
        {
            return ErrorCode.StaleControllerEpoch;
        }

        if (currentBrokerEpoch < 0)
        {
            return ErrorCode.BrokerNotAvailable;
        }

        if (brokerEpoch < currentBrokerEpoch)
        {
            return ErrorCode.StaleBrokerEpoch;
        }

        if (controllerEpoch == ControllerEpoch && number < _lastNumber)
        {
            return ErrorCode.InvalidUpdateVersion;
        }

        ControllerEpoch = controllerEpoch;
        _lastNumber = number;
        return ErrorCode.None;
    }
}
