using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>
/// What the controller's shell does next, in this order: write states, remove topics and marks, send instructions. The results of
/// the writes go back to <see cref="ControllerMachine.OnStatesWritten"/>, those of the removals to
/// <see cref="ControllerMachine.OnTopicsRemoved"/>, which answer with the next step. When a write was refused or a reassignment finished,
/// the topics are read anew for <see cref="ControllerMachine.OnTopicsChanged"/> before anything else.
/// </summary>
/// <param name="Writes">States to write, each conditional on its version and its topic's, and all on the controller's epoch.</param>
/// <param name="Rereads">Partitions whose state somebody else has written: read them and call <see cref="ControllerMachine.OnStatesRead"/>.</param>
/// <param name="RemovedTopics">Topics whose replicas are all gone: delete their nodes and the mark.</param>
/// <param name="RefusedDeletions">Marks to remove without deleting anything: the topic does not exist, or deletion is off.</param>
/// <param name="Instructions">What brokers must be told, one entry per broker.</param>
public sealed record ControllerStep(
    ImmutableArray<PartitionStateWrite> Writes,
    ImmutableArray<TopicPartition> Rereads,
    ImmutableArray<string> RemovedTopics,
    ImmutableArray<string> RefusedDeletions,
    ImmutableArray<BrokerInstruction> Instructions)
{
    /// <summary>
    /// Partitions whose reassignment is done but for the record of it: take the adding and removing replicas out of the topic's node, unless
    /// the assignment there is another one by now.
    /// </summary>
    public ImmutableArray<FinishedReassignment> FinishedReassignments { get; init; } = [];

    /// <summary>Nothing to do.</summary>
    public static ControllerStep Nothing { get; } = new([], [], [], [], []);

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Writes.IsEmpty && Rereads.IsEmpty && RemovedTopics.IsEmpty && RefusedDeletions.IsEmpty && Instructions.IsEmpty
        && FinishedReassignments.IsEmpty;
}

/// <summary>A reassignment that is done but for the record of it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Assignment">The assignment that was carried out; its target replicas are what remains.</param>
public sealed record FinishedReassignment(TopicPartition Partition, ReplicaAssignment Assignment);
