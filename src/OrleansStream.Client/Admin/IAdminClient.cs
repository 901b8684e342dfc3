using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>Administration of topics, configurations, records and consumer groups. Safe for concurrent use.</summary>
/// <remarks>
/// Operations on several things answer for each one and throw only when the cluster cannot be asked at all
/// (<see cref="BrokerUnavailableException"/>, or <see cref="OrleansStreamException"/> with the code). The extensions of
/// <see cref="AdminClientExtensions"/> deal with a single topic and throw <see cref="TopicOperationException"/>.
/// </remarks>
public partial interface IAdminClient
{
    /// <summary>The cluster's id, controller and brokers, without topics.</summary>
    Task<ClusterMetadata> DescribeClusterAsync(CancellationToken cancellationToken = default);

    /// <summary>All topics with their partitions, in order of their names.</summary>
    /// <param name="includeInternal">Whether the platform's own topics are wanted.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<TopicMetadata>> ListTopicsAsync(bool includeInternal = false, CancellationToken cancellationToken = default);

    /// <summary>The given topics in the order of the names; an unknown one has <see cref="ErrorCode.UnknownTopicOrPartition"/>.</summary>
    Task<IReadOnlyList<TopicMetadata>> DescribeTopicsAsync(IEnumerable<string> topics, CancellationToken cancellationToken = default);

    /// <summary>Creates topics, each one succeeding or failing by itself; a success is usable at once.</summary>
    /// <param name="topics">The topics.</param>
    /// <param name="validateOnly">Only say whether it would work.</param>
    /// <param name="timeout">How long the broker may take until the topics are usable; null for the client's request time-out.</param>
    /// <param name="cancellationToken">Gives up waiting; the topics may be created all the same.</param>
    Task<IReadOnlyList<TopicResult>> CreateTopicsAsync(
        IEnumerable<TopicSpecification> topics,
        bool validateOnly = false,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default);

    /// <summary>Deletes topics with their data, each one succeeding or failing by itself.</summary>
    Task<IReadOnlyList<TopicResult>> DeleteTopicsAsync(
        IEnumerable<string> topics,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default);

    /// <summary>Adds partitions to a topic until it has the given number. Keys may map to other partitions afterwards.</summary>
    Task<TopicResult> CreatePartitionsAsync(
        string topic,
        int totalCount,
        bool validateOnly = false,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default);

    /// <summary>The configurations of topics and brokers, with source and documentation of each entry.</summary>
    Task<IReadOnlyList<ConfigDescription>> DescribeConfigsAsync(
        IEnumerable<ConfigResource> resources,
        CancellationToken cancellationToken = default);

    /// <summary>Changes single entries (KIP-339); the changes of one resource are made all or not at all.</summary>
    Task<IReadOnlyList<TopicResult>> AlterConfigsAsync(
        IEnumerable<ConfigAlteration> alterations,
        bool validateOnly = false,
        CancellationToken cancellationToken = default);

    /// <summary>Moves log start offsets forward; offset -1 means the high watermark.</summary>
    Task<IReadOnlyDictionary<TopicPartition, DeleteRecordsResponse>> DeleteRecordsAsync(
        IReadOnlyDictionary<TopicPartition, long> beforeOffsets,
        CancellationToken cancellationToken = default);

    /// <summary>Finds offsets by rule; an <see cref="OffsetSpec.IsOffset"/> is answered as it stands.</summary>
    Task<IReadOnlyDictionary<TopicPartition, ListOffsetResponse>> ListOffsetsAsync(
        IEnumerable<TopicPartitionOffset> places,
        IsolationLevel isolationLevel = IsolationLevel.ReadUncommitted,
        CancellationToken cancellationToken = default);

    /// <summary>The state of every replica on the live brokers, in order of topic, partition and broker.</summary>
    /// <param name="topics">The topics; null for all.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<PartitionDescription>> DescribeReplicasAsync(
        IEnumerable<string>? topics = null,
        CancellationToken cancellationToken = default);
}
