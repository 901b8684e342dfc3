using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>The brokers that hold a partition (KIP-455).</summary>
/// <param name="Replicas">All of them, the preferred leader first; with those that are being added and removed.</param>
/// <param name="AddingReplicas">Those that a reassignment adds.</param>
/// <param name="RemovingReplicas">Those that a reassignment removes.</param>
public sealed record ReplicaAssignment(
    ImmutableArray<int> Replicas, ImmutableArray<int> AddingReplicas, ImmutableArray<int> RemovingReplicas)
{
    /// <summary>An assignment that is not being changed.</summary>
    public ReplicaAssignment(params ImmutableArray<int> replicas)
        : this(replicas, [], [])
    {
    }

    /// <summary>Whether a reassignment is going on.</summary>
    public bool IsBeingReassigned => !AddingReplicas.IsEmpty || !RemovingReplicas.IsEmpty;

    /// <summary>The replicas once the reassignment is done.</summary>
    public ImmutableArray<int> TargetReplicas => [.. Replicas.Except(RemovingReplicas)];

    /// <inheritdoc/>
    public bool Equals(ReplicaAssignment? other)
        => other is not null
            && Replicas.SequenceEqual(other.Replicas)
            && AddingReplicas.SequenceEqual(other.AddingReplicas)
            && RemovingReplicas.SequenceEqual(other.RemovingReplicas);

    /// <inheritdoc/>
    public override int GetHashCode()
        => Replicas.Aggregate(HashCode.Combine(AddingReplicas.Length, RemovingReplicas.Length), HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString()
        => IsBeingReassigned
            ? $"[{string.Join(",", Replicas)}] adding [{string.Join(",", AddingReplicas)}] removing [{string.Join(",", RemovingReplicas)}]"
            : $"[{string.Join(",", Replicas)}]";
}
