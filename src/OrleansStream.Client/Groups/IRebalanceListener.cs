namespace OrleansStream.Client;

/// <summary>
/// Hears of the partitions that a consumer gets from its group and gives back to it. All is called within a read (or within
/// the consumer's disposal), never while a record is being processed; the group waits for it, at most
/// <see cref="ConsumerOptions.MaxPollInterval"/>. The consumer may be used as usual, except to read. An exception is thrown by the read,
/// after the rebalance has been carried out.
/// </summary>
public interface IRebalanceListener
{
    /// <summary>After a rebalance: the partitions that came to the ones that the consumer has; none is possible. Seek, pause and resume work.</summary>
    ValueTask OnPartitionsAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => default;

    /// <summary>
    /// Before partitions are given back: whatever belongs to them is to be finished, and can still be committed. Auto commit has
    /// committed already.
    /// </summary>
    ValueTask OnPartitionsRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => default;

    /// <summary>
    /// The partitions may belong to another member already, since this one's session has ended: nothing can be committed any more.
    /// Unless implemented, <see cref="OnPartitionsRevokedAsync"/> is called.
    /// </summary>
    ValueTask OnPartitionsLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        => OnPartitionsRevokedAsync(partitions, cancellationToken);
}
