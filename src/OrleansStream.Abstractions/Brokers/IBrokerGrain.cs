using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>
/// One broker. Its key is the broker id and the placement director puts it on the silo named <c>broker-&lt;id&gt;</c>.
/// It carries the controller's requests to the broker and the fetches that span many partitions.
/// </summary>
[Alias("OrleansStream.IBrokerGrain")]
public interface IBrokerGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// A consumer's fetch over many partitions of this broker: answers when <see cref="FetchRequest.MinBytes"/> are there,
    /// when <see cref="FetchRequest.MaxWaitMs"/> have passed, when a partition has an error, or with what is there when
    /// the token is cancelled. Waiting holds neither a thread nor a turn.
    /// </summary>
    [Alias("Fetch")]
    Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// A follower broker's fetch over many partitions that this broker leads. What it tells of the follower moves high watermarks and ISRs;
    /// the answer waits for records like that of <see cref="FetchAsync"/>.
    /// </summary>
    [Alias("FetchAsReplica")]
    Task<ReplicaFetchResponse> FetchAsReplicaAsync(ReplicaFetchRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// A follower broker tells what of its copies is on disk by now, while its next fetch waits here. What does not fit is passed over; the
    /// next fetch says it again.
    /// </summary>
    [Alias("ReportFlushed")]
    Task ReportFlushedAsync(ReplicaFlushReport report, CancellationToken cancellationToken);

    /// <summary>The controller's word on leaders, ISRs and replicas; refused when the controller or broker epoch is old.</summary>
    [Alias("LeaderAndIsr")]
    Task<LeaderAndIsrResponse> LeaderAndIsrAsync(LeaderAndIsrRequest request, CancellationToken cancellationToken);

    /// <summary>Stops replicas and, if asked, deletes their logs.</summary>
    [Alias("StopReplica")]
    Task<LeaderAndIsrResponse> StopReplicaAsync(StopReplicaRequest request, CancellationToken cancellationToken);

    /// <summary>The whole cluster's metadata, from which this broker answers clients.</summary>
    [Alias("UpdateMetadata")]
    Task<ErrorCode> UpdateMetadataAsync(UpdateMetadataRequest request, CancellationToken cancellationToken);

    /// <summary>The state of this broker's replicas; null means all topics.</summary>
    [Alias("DescribeReplicas")]
    Task<PartitionDescription[]> DescribeReplicasAsync(string[]? topics, CancellationToken cancellationToken);

    /// <summary>This broker's configuration, which it alone knows in full: values given at its start are stored nowhere.</summary>
    [Alias("DescribeConfig")]
    Task<ConfigDescription> DescribeConfigAsync(CancellationToken cancellationToken);

    /// <summary>
    /// What this broker's listeners go by, as soon as it is another than <paramref name="knownVersion"/>, or the same after a wait. Waiting holds
    /// neither a thread nor a turn.
    /// </summary>
    /// <param name="knownVersion">The <see cref="ListenerSettings.Version"/> that the caller has; -1 for none.</param>
    /// <param name="cancellationToken">Ends the wait with what there is.</param>
    [Alias("GetListenerSettings")]
    Task<ListenerSettings> GetListenerSettingsAsync(long knownVersion, CancellationToken cancellationToken);
}
