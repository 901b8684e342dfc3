using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>A topic, its id and the brokers of its partitions.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="TopicId">The topic's id (KIP-516).</param>
/// <param name="Partitions">The assignment of each partition, by its number.</param>
public sealed record TopicAssignment(string Topic, Guid TopicId, ImmutableArray<ReplicaAssignment> Partitions)
{
    /// <summary>
    /// The version of the topic's node that this was read from; no part of equality. What the controller writes of the topic's partitions is
    /// conditional on it: a leader that is elected from an assignment that has ended meanwhile would be none of the replicas.
    /// </summary>
    public int Version { get; init; }

    /// <summary>The topic's partitions in order.</summary>
    public IEnumerable<TopicPartition> TopicPartitions => Enumerable.Range(0, Partitions.Length).Select(p => new TopicPartition(Topic, p));

    /// <inheritdoc/>
    public bool Equals(TopicAssignment? other)
        => other is not null && Topic == other.Topic && TopicId == other.TopicId && Partitions.SequenceEqual(other.Partitions);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Topic, TopicId, Partitions.Length);
}
