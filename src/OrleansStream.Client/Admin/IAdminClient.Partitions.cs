using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Replicas and leaders of partitions.</content>
public partial interface IAdminClient
{
    /// <summary>
    /// Begins, changes and calls off reassignments of partitions (KIP-455), each one succeeding or failing by itself. A success has begun, and is
    /// over when <see cref="ListPartitionReassignmentsAsync"/> does not show it any more.
    /// </summary>
    /// <returns>An outcome for each, in order.</returns>
    Task<IReadOnlyList<PartitionOutcome>> AlterPartitionReassignmentsAsync(
        IEnumerable<PartitionReassignment> reassignments,
        CancellationToken cancellationToken = default);

    /// <summary>The reassignments that are under way in the whole cluster, in order.</summary>
    Task<IReadOnlyList<OngoingReassignment>> ListPartitionReassignmentsAsync(CancellationToken cancellationToken = default);

    /// <summary>Elects leaders (KIP-460).</summary>
    /// <param name="partitions">The partitions; null for all that need it.</param>
    /// <param name="isUnclean">
    /// False: the preferred replica, if it is in sync. True: any live replica of a partition without a leader, at the price of lost records.
    /// </param>
    /// <param name="timeout">How long to look for a controller that answers; null for the client's request time-out.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The outcome of each partition; when all were asked for, of those that needed an election.</returns>
    /// <exception cref="OrleansStreamException">No controller answered.</exception>
    Task<IReadOnlyList<PartitionOutcome>> ElectLeadersAsync(
        IEnumerable<TopicPartition>? partitions,
        bool isUnclean = false,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default);
}
