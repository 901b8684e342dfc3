using System.Collections.Immutable;

namespace OrleansStream.Core.Groups.Consumers;

/// <summary>Some partitions of some topics, in order. Immutable; equal sets are equal.</summary>
internal sealed class PartitionSet : IEquatable<PartitionSet>
{
    private readonly ImmutableSortedSet<(Guid Topic, int Partition)> _partitions;

    private PartitionSet(ImmutableSortedSet<(Guid Topic, int Partition)> partitions) => _partitions = partitions;

    public static PartitionSet Empty { get; } = new([]);

    public int Count => _partitions.Count;

    public IEnumerable<(Guid Topic, int Partition)> All => _partitions;

    public static PartitionSet Of(IEnumerable<(Guid Topic, int Partition)> partitions)
    {
        var set = partitions.ToImmutableSortedSet();
        return set.IsEmpty ? Empty : new PartitionSet(set);
    }

    public bool Contains(Guid topic, int partition) => _partitions.Contains((topic, partition));

    public PartitionSet Intersect(PartitionSet other) => Of(_partitions.Where(other._partitions.Contains));

    public PartitionSet Except(PartitionSet other) => Of(_partitions.Where(partition => !other._partitions.Contains(partition)));

    public PartitionSet Union(PartitionSet other) => other.Count == 0 ? this : new PartitionSet(_partitions.Union(other._partitions));

    public bool Overlaps(PartitionSet other) => _partitions.Any(other._partitions.Contains);

    public bool IsSubsetOf(PartitionSet other) => _partitions.All(other._partitions.Contains);

    /// <summary>The partitions of each topic.</summary>
    public IEnumerable<(Guid Topic, List<int> Partitions)> ByTopic()
        => _partitions.GroupBy(partition => partition.Topic).Select(topic => (topic.Key, topic.Select(partition => partition.Partition).ToList()));

    public bool Equals(PartitionSet? other) => other is not null && _partitions.Count == other._partitions.Count && _partitions.SequenceEqual(other._partitions);

    public override bool Equals(object? obj) => Equals(obj as PartitionSet);

    public override int GetHashCode() => _partitions.Count;
}
