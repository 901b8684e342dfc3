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

    /// <summary>Elects leaders on request (KIP-183, KIP-460).</summary>
    /// <param name="isUnclean">False: the preferred replica, if it is in sync. True: any live replica of a partition that has no leader.</param>
    /// <param name="topics">The partitions; null for all that need it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("ElectLeaders")]
    Task<ElectLeadersResponse> ElectLeadersAsync(bool isUnclean, TopicPartitions[]? topics, CancellationToken cancellationToken);

    /// <summary>Replicas of a broker went offline while it runs: others are to lead and to be in sync.</summary>
    /// <param name="brokerId">The broker.</param>
    /// <param name="brokerEpoch">Its registration (KIP-380).</param>
    /// <param name="topics">The partitions.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns><see cref="ErrorCode.None"/>, <see cref="ErrorCode.NotController"/> or <see cref="ErrorCode.StaleBrokerEpoch"/>.</returns>
    [Alias("ReportOfflineReplicas")]
    Task<ErrorCode> ReportOfflineReplicasAsync(int brokerId, long brokerEpoch, TopicPartitions[] topics, CancellationToken cancellationToken);
}
