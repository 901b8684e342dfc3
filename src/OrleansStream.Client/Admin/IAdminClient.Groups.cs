namespace OrleansStream.Client;

/// <content>Consumer groups and their offsets.</content>
public partial interface IAdminClient
{
    /// <summary>All groups, in order of their ids.</summary>
    /// <param name="states">The states wanted, in any case; null for all (KIP-518).</param>
    /// <param name="types"><c>classic</c>, <c>consumer</c>; null for both.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<GroupOverview>> ListGroupsAsync(
        IEnumerable<string>? states = null,
        IEnumerable<string>? types = null,
        CancellationToken cancellationToken = default);

    /// <summary>Groups of either protocol with their members, in the order of the ids.</summary>
    Task<IReadOnlyList<GroupInfo>> DescribeGroupsAsync(IEnumerable<string> groupIds, CancellationToken cancellationToken = default);

    /// <summary>Deletes groups that have no members, with their offsets, each one succeeding or failing by itself.</summary>
    Task<IReadOnlyList<GroupResult>> DeleteGroupsAsync(IEnumerable<string> groupIds, CancellationToken cancellationToken = default);

    /// <summary>What a group has committed; partitions without an offset are left out, and so is everything of a group that does not exist.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="partitions">The partitions; null for all.</param>
    /// <param name="requireStable">Whether to wait for offsets of transactions that are still open (KIP-447).</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyDictionary<TopicPartition, CommittedOffset>> ListGroupOffsetsAsync(
        string groupId,
        IEnumerable<TopicPartition>? partitions = null,
        bool requireStable = false,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores offsets of a group that has no members (it need not exist). The outcome for each partition: with members it is
    /// <see cref="ErrorCode.UnknownMemberId"/>, as Kafka has it.
    /// </summary>
    Task<IReadOnlyDictionary<TopicPartition, ErrorCode>> AlterGroupOffsetsAsync(
        string groupId,
        IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets,
        CancellationToken cancellationToken = default);

    /// <summary>Deletes offsets of topics that no member of the group subscribes to (KIP-496).</summary>
    Task<IReadOnlyDictionary<TopicPartition, ErrorCode>> DeleteGroupOffsetsAsync(
        string groupId,
        IEnumerable<TopicPartition> partitions,
        CancellationToken cancellationToken = default);
}
