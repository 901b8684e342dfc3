using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Replicas and leaders of partitions.</content>
internal sealed partial class AdminClient
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<PartitionOutcome>> AlterPartitionReassignmentsAsync(
        IEnumerable<PartitionReassignment> reassignments,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reassignments);
        PartitionReassignment[] wanted = [.. reassignments];
        return await context.CallClusterAsync(
            (grain, token) => grain.AlterPartitionReassignmentsAsync(wanted, token),
            isRepeatable: false,
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OngoingReassignment>> ListPartitionReassignmentsAsync(CancellationToken cancellationToken = default)
        => await context.CallClusterAsync(
            (grain, token) => grain.ListPartitionReassignmentsAsync(null, token),
            isRepeatable: true,
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PartitionOutcome>> ElectLeadersAsync(
        IEnumerable<TopicPartition>? partitions,
        bool isUnclean = false,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        var wanted = partitions is null ? null : TopicPartitions.Group(partitions);
        var elected = await context.CallClusterAsync(
            (grain, token) => grain.ElectLeadersAsync(isUnclean, wanted, TimeoutMs(timeout), token),
            isRepeatable: false,
            cancellationToken).ConfigureAwait(false);
        return elected.Error == ErrorCode.None
            ? elected.Partitions
            : throw new OrleansStreamException(elected.Error, $"No leaders were elected: {elected.Error.WireName()}. The cluster may have no controller at the moment.");
    }
}
