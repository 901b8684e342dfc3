using Orleans;
using Orleans.Concurrency;

namespace OrleansStream.Abstractions;

/// <summary>
/// A client's first address: metadata and administration, answered by whichever broker the client is connected to.
/// A stateless worker; its key is always 0.
/// </summary>
[Alias("OrleansStream.IClusterGrain")]
public interface IClusterGrain : IGrainWithIntegerKey
{
    /// <summary>Brokers, topics and partitions, from the broker's metadata cache.</summary>
    [Alias("GetMetadata")]
    [AlwaysInterleave]
    Task<ClusterMetadata> GetMetadataAsync(MetadataRequest request, CancellationToken cancellationToken);

    /// <summary>Creates topics, each one succeeding or failing by itself.</summary>
    [Alias("CreateTopics")]
    [AlwaysInterleave]
    Task<TopicResult[]> CreateTopicsAsync(CreateTopicsRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes topics and their data.</summary>
    [Alias("DeleteTopics")]
    [AlwaysInterleave]
    Task<TopicResult[]> DeleteTopicsAsync(string[] topics, int timeoutMs, CancellationToken cancellationToken);

    /// <summary>
    /// Adds partitions to a topic until it has the given number; <paramref name="assignments"/> are the replicas of each new one,
    /// null lets the controller choose.
    /// </summary>
    [Alias("CreatePartitions")]
    [AlwaysInterleave]
    Task<TopicResult> CreatePartitionsAsync(string topic, int totalCount, int[][]? assignments, bool validateOnly, int timeoutMs, CancellationToken cancellationToken);

    /// <summary>Elects leaders (KIP-183, KIP-460), through the controller wherever it is.</summary>
    /// <param name="isUnclean">False: the preferred replica, if it is in sync. True: any live replica of a partition that has no leader.</param>
    /// <param name="topics">The partitions; null for all that need it.</param>
    /// <param name="timeoutMs">How long to look for a controller that answers.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("ElectLeaders")]
    [AlwaysInterleave]
    Task<ElectLeadersResponse> ElectLeadersAsync(bool isUnclean, TopicPartitions[]? topics, int timeoutMs, CancellationToken cancellationToken);

    /// <summary>Begins, changes and calls off reassignments of partitions (KIP-455), each one succeeding or failing by itself.</summary>
    [Alias("AlterPartitionReassignments")]
    [AlwaysInterleave]
    Task<PartitionOutcome[]> AlterPartitionReassignmentsAsync(PartitionReassignment[] reassignments, CancellationToken cancellationToken);

    /// <summary>The reassignments that are under way, of the given partitions or of all.</summary>
    [Alias("ListPartitionReassignments")]
    [AlwaysInterleave]
    Task<OngoingReassignment[]> ListPartitionReassignmentsAsync(TopicPartitions[]? topics, CancellationToken cancellationToken);

    /// <summary>The configuration of topics and brokers, with source and documentation of each entry.</summary>
    [Alias("DescribeConfigs")]
    [AlwaysInterleave]
    Task<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken);

    /// <summary>Changes single entries of a configuration (KIP-339), each resource all or nothing.</summary>
    [Alias("AlterConfigs")]
    [AlwaysInterleave]
    Task<TopicResult[]> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken);

    /// <summary>The client quotas that a filter lets through (KIP-546).</summary>
    /// <param name="filter">What the entities must have; none lets all through unless the filter is strict.</param>
    /// <param name="isStrict">Whether entities may have nothing else.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("DescribeClientQuotas")]
    [AlwaysInterleave]
    Task<DescribeQuotasResponse> DescribeClientQuotasAsync(QuotaFilterPart[] filter, bool isStrict, CancellationToken cancellationToken);

    /// <summary>Changes client quotas (KIP-546), each entity all or nothing.</summary>
    [Alias("AlterClientQuotas")]
    [AlwaysInterleave]
    Task<QuotaAlterationResult[]> AlterClientQuotasAsync(QuotaAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken);

    /// <summary>A new producer id for an idempotent producer (KIP-98).</summary>
    [Alias("InitProducerId")]
    [AlwaysInterleave]
    Task<InitProducerIdResponse> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Which broker coordinates each of the groups; its <see cref="IGroupCoordinatorGrain"/> has the key that the location's partition
    /// and broker make. Creates <c>__consumer_offsets</c> when the first group is asked for.
    /// </summary>
    [Alias("FindCoordinator")]
    [AlwaysInterleave]
    Task<CoordinatorLocation[]> FindCoordinatorAsync(string[] groupIds, CancellationToken cancellationToken);
}
