using System.Collections.Immutable;
using OrleansStream.Core.Controller;

namespace OrleansStream.Core.Replicas;

/// <summary>What a command has brought about, for the grain to carry out.</summary>
/// <param name="HighWatermarkAdvanced">Whether more can be read than before.</param>
/// <param name="Acks">The waiting produces that can be answered now, in the order of their offsets.</param>
/// <param name="IsrProposal">An ISR change to write to the metadata store; null for none.</param>
public sealed record ReplicaEffects(
    bool HighWatermarkAdvanced,
    IReadOnlyList<AckOutcome> Acks,
    IsrProposal? IsrProposal)
{
    /// <summary>Nothing to do.</summary>
    public static ReplicaEffects None { get; } = new(false, [], null);
}

/// <summary>The end of a produce's wait.</summary>
/// <param name="Ticket">The number under which the grain registered it.</param>
/// <param name="Error">The outcome.</param>
public readonly record struct AckOutcome(long Ticket, ErrorCode Error);

/// <summary>
/// A wish for another state of the partition; it counts only once the metadata store has taken it (KIP-497). Until its outcome is known for
/// certain, the replica counts on both: on what is committed and on what is wished.
/// </summary>
/// <param name="State">The wished state: the same leader in the same epoch, with another ISR or without ELR.</param>
/// <param name="PartitionEpoch">The version of the partition's state that it would replace.</param>
public sealed record IsrProposal(LeaderAndIsr State, int PartitionEpoch)
{
    /// <summary>The wished ISR, in the order of the replicas.</summary>
    public ImmutableArray<int> Isr => State.Isr;
}

/// <summary>A refusal or a success with effects.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="Message">What was wrong; null on success.</param>
/// <param name="Effects">What to carry out.</param>
public sealed record ReplicaTransition(ErrorCode Error, string? Message, ReplicaEffects Effects);
