using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>Who leads a partition and who is in sync.</summary>
/// <param name="Leader">The leader's broker id, <see cref="NoLeader"/> for none.</param>
/// <param name="LeaderEpoch">Grows with each change of leader or ISR that the controller makes.</param>
/// <param name="Isr">The in-sync replicas.</param>
/// <param name="ControllerEpoch">The epoch of the controller that wrote it last.</param>
public sealed record LeaderAndIsr(int Leader, int LeaderEpoch, ImmutableArray<int> Isr, int ControllerEpoch)
{
    /// <summary>The leader of a partition that nobody can lead.</summary>
    public const int NoLeader = -1;

    /// <summary>The leader epoch of a new partition.</summary>
    public const int InitialLeaderEpoch = 0;

    /// <summary>The leader epoch in requests to stop the replicas of a topic that is being deleted.</summary>
    public const int EpochDuringDelete = -2;

    /// <summary>
    /// The eligible leader replicas (KIP-966): they left the ISR when it fell below <c>min.insync.replicas</c>. Nothing is committed
    /// while there are any, so they hold everything committed and may lead when nobody in the ISR can.
    /// </summary>
    public ImmutableArray<int> Elr { get; init; } = [];

    /// <summary>
    /// The broker epochs under which the members of ISR and ELR were counted in (KIP-903). A member that has registered anew since
    /// counts only if its logs have been kept. States that Apache Kafka wrote have none.
    /// </summary>
    public ImmutableSortedDictionary<int, long> BrokerEpochs { get; init; } = ImmutableSortedDictionary<int, long>.Empty;

    /// <summary>
    /// This with another ISR. Who leaves the ISR when it is smaller than <paramref name="minInSyncReplicas"/> becomes eligible to lead;
    /// with enough replicas in sync nobody is. Broker epochs are kept of members only.
    /// </summary>
    public LeaderAndIsr WithIsr(ImmutableArray<int> isr, int minInSyncReplicas)
    {
        ImmutableArray<int> elr = isr.Length >= minInSyncReplicas ? [] : [.. Elr.Union(Isr).Where(id => !isr.Contains(id)).Order()];
        return this with { Isr = isr, Elr = elr, BrokerEpochs = BrokerEpochs.RemoveRange(BrokerEpochs.Keys.Where(id => !isr.Contains(id) && !elr.Contains(id))) };
    }

    /// <summary>This with another leader, in the next leader epoch.</summary>
    public LeaderAndIsr Next(int leader, int controllerEpoch) => this with { Leader = leader, LeaderEpoch = LeaderEpoch + 1, ControllerEpoch = controllerEpoch };

    /// <inheritdoc/>
    public bool Equals(LeaderAndIsr? other)
        => other is not null
            && Leader == other.Leader
            && LeaderEpoch == other.LeaderEpoch
            && ControllerEpoch == other.ControllerEpoch
            && Isr.SequenceEqual(other.Isr)
            && Elr.SequenceEqual(other.Elr)
            && BrokerEpochs.SequenceEqual(other.BrokerEpochs);

    /// <inheritdoc/>
    public override int GetHashCode() => Isr.Aggregate(HashCode.Combine(Leader, LeaderEpoch, ControllerEpoch), HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString()
        => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"leader {Leader} in epoch {LeaderEpoch}, ISR [{string.Join(",", Isr)}]{(Elr.IsEmpty ? "" : $", ELR [{string.Join(",", Elr)}]")}, by controller epoch {ControllerEpoch}");
}
