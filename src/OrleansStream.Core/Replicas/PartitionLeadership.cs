using System.Collections.Immutable;

namespace OrleansStream.Core.Replicas;

/// <summary>The controller's word on one partition, as the replica takes it.</summary>
/// <param name="ControllerEpoch">The epoch of the controller that decided.</param>
/// <param name="Leader">The leader's broker id, -1 for none.</param>
/// <param name="LeaderEpoch">The leader epoch.</param>
/// <param name="PartitionEpoch">The version of the partition's state in the metadata store.</param>
/// <param name="Replicas">The replicas' broker ids, preferred leader first.</param>
/// <param name="Isr">The in-sync replicas' broker ids.</param>
public sealed record PartitionLeadership(
    int ControllerEpoch,
    int Leader,
    int LeaderEpoch,
    int PartitionEpoch,
    IReadOnlyList<int> Replicas,
    IReadOnlyList<int> Isr)
{
    /// <summary>The eligible leader replicas (KIP-966).</summary>
    public ImmutableArray<int> Elr { get; init; } = [];

    /// <summary>The registrations under which the members of ISR and ELR were counted in; a member may be missing.</summary>
    public ImmutableSortedDictionary<int, long> BrokerEpochs { get; init; } = ImmutableSortedDictionary<int, long>.Empty;
}
