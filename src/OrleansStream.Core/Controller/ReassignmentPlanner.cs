using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>Begins, changes and calls off reassignments of single partitions (KIP-455); what is planned is written to the topic's node.</summary>
public static class ReassignmentPlanner
{
    /// <summary>Begins a reassignment, or goes on to another target.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="current">Its assignment now.</param>
    /// <param name="isr">Its in-sync replicas; null while it has no state.</param>
    /// <param name="target">The replicas to end with, the preferred leader first.</param>
    /// <param name="brokers">The brokers that are registered.</param>
    /// <returns>The assignment to write, or <see cref="ErrorCode.InvalidReplicaAssignment"/>.</returns>
    public static Outcome<ReplicaAssignment> Begin(
        TopicPartition partition, ReplicaAssignment current, ImmutableArray<int>? isr, ImmutableArray<int> target, IReadOnlySet<int> brokers)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(brokers);
        if (target.IsEmpty || target.Distinct().Count() != target.Length)
        {
            return Invalid($"The replicas of {partition} are to be [{string.Join(", ", target)}]; there must be at least one, and each broker once.");
        }

        foreach (var replica in target)
        {
            if (!brokers.Contains(replica))
            {
                return Invalid($"The replicas of {partition} are to be [{string.Join(", ", target)}], but broker {replica} is not alive.");
            }
        }

        // Those that an unfinished reassignment was adding count only if the new target has them too.
        ImmutableArray<int> origin = [.. current.Replicas.Except(current.AddingReplicas)];
        ImmutableArray<int> all = [.. target.Union(origin)];
        return LosesAllInSync(isr, all)
            ? Invalid($"The replicas of {partition} cannot become [{string.Join(", ", target)}] now: all in-sync replicas [{string.Join(", ", isr!.Value)}] are being added by the reassignment that is under way.")
            : Outcome.Of(new ReplicaAssignment(all, [.. all.Except(origin)], [.. all.Except(target)]));
    }

    /// <summary>Calls a reassignment off.</summary>
    /// <returns>
    /// The assignment to write, <see cref="ErrorCode.NoReassignmentInProgress"/>, or, when nobody but replicas that are being added is in
    /// sync, <see cref="ErrorCode.InvalidReplicaAssignment"/>: without them nobody could lead.
    /// </returns>
    public static Outcome<ReplicaAssignment> Cancel(TopicPartition partition, ReplicaAssignment current, ImmutableArray<int>? isr)
    {
        ArgumentNullException.ThrowIfNull(current);
        if (!current.IsBeingReassigned)
        {
            return Outcome.Failure(ErrorCode.NoReassignmentInProgress, $"No reassignment of {partition} is under way.");
        }

        ImmutableArray<int> origin = [.. current.Replicas.Except(current.AddingReplicas)];
        return LosesAllInSync(isr, origin)
            ? Invalid($"The reassignment of {partition} cannot be called off: all in-sync replicas [{string.Join(", ", isr!.Value)}] are among those that it adds.")
            : Outcome.Of(new ReplicaAssignment(origin));
    }

    private static bool LosesAllInSync(ImmutableArray<int>? isr, ImmutableArray<int> replicas)
        => isr is { IsEmpty: false } inSync && !inSync.Any(replicas.Contains);

    private static Outcome Invalid(string message) => Outcome.Failure(ErrorCode.InvalidReplicaAssignment, message);
}
