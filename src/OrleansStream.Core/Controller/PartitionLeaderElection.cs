using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>Who leads a partition next, in each of the situations that Kafka tells apart. Null means that nobody can.</summary>
public static class PartitionLeaderElection
{
    /// <summary>The leader is gone: the first replica that is alive and in sync; failing that and if allowed, the first that is alive.</summary>
    public static int? Offline(ImmutableArray<int> replicas, ImmutableArray<int> isr, IReadOnlySet<int> live, bool uncleanAllowed)
    {
        ArgumentNullException.ThrowIfNull(live);
        return First(replicas, replica => live.Contains(replica) && isr.Contains(replica))
            ?? (uncleanAllowed ? First(replicas, live.Contains) : null);
    }

    /// <summary>A reassignment is done: the first of the new replicas that is alive and in sync.</summary>
    public static int? Reassignment(ImmutableArray<int> targetReplicas, ImmutableArray<int> isr, IReadOnlySet<int> live)
    {
        ArgumentNullException.ThrowIfNull(live);
        return First(targetReplicas, replica => live.Contains(replica) && isr.Contains(replica));
    }

    /// <summary>Leadership goes back: the first replica, if it is alive and in sync.</summary>
    public static int? Preferred(ImmutableArray<int> replicas, ImmutableArray<int> isr, IReadOnlySet<int> live)
    {
        ArgumentNullException.ThrowIfNull(live);
        return replicas is [var preferred, ..] && live.Contains(preferred) && isr.Contains(preferred) ? preferred : null;
    }

    /// <summary>The leader is about to stop: the first other replica that is alive, in sync and not about to stop itself.</summary>
    public static int? ControlledShutdown(
        ImmutableArray<int> replicas, ImmutableArray<int> isr, IReadOnlySet<int> live, IReadOnlySet<int> shuttingDown)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(shuttingDown);
        return First(replicas, replica => live.Contains(replica) && isr.Contains(replica) && !shuttingDown.Contains(replica));
    }

    private static int? First(ImmutableArray<int> replicas, Func<int, bool> predicate)
    {
        foreach (var replica in replicas)
        {
            if (predicate(replica))
            {
                return replica;
            }
        }

        return null;
    }
}
