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

/// <summary>A wish for another ISR; it counts only once the metadata store has taken it (KIP-497).</summary>
/// <param name="Isr">The wished ISR, in the order of the replicas.</param>
/// <param name="LeaderEpoch">The epoch of the leader that wishes.</param>
/// <param name="PartitionEpoch">The version of the partition's state that it would replace.</param>
public sealed record IsrProposal(IReadOnlyList<int> Isr, int LeaderEpoch, int PartitionEpoch);

/// <summary>A refusal or a success with effects.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="Message">What was wrong; null on success.</param>
/// <param name="Effects">What to carry out.</param>
public sealed record ReplicaTransition(ErrorCode Error, string? Message, ReplicaEffects Effects);
