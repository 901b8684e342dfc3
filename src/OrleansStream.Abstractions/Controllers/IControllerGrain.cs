using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>
/// What brokers ask of the controller. Its key is the id of the broker that is believed to be the controller, and the placement director
/// puts it there; any other broker answers <see cref="ErrorCode.NotController"/>.
/// </summary>
[Alias("OrleansStream.IControllerGrain")]
public interface IControllerGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// A broker is about to stop: its leaderships go to other replicas in sync, and it leaves the ISRs. The answer comes when the
    /// brokers have been told, as far as they can be reached. To be asked again while <see cref="ControlledShutdownResponse.Remaining"/>
    /// names partitions.
    /// </summary>
    /// <param name="brokerId">The broker that stops.</param>
    /// <param name="brokerEpoch">Its registration (KIP-380).</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("ControlledShutdown")]
    Task<ControlledShutdownResponse> ControlledShutdownAsync(int brokerId, long brokerEpoch, CancellationToken cancellationToken);
}
