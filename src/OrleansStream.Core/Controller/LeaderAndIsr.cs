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

    /// <summary>This with another leader and ISR, in the next leader epoch.</summary>
    public LeaderAndIsr Next(int leader, ImmutableArray<int> isr, int controllerEpoch) => new(leader, LeaderEpoch + 1, isr, controllerEpoch);

    /// <inheritdoc/>
    public bool Equals(LeaderAndIsr? other)
        => other is not null
            && Leader == other.Leader
            && LeaderEpoch == other.LeaderEpoch
            && ControllerEpoch == other.ControllerEpoch
            && Isr.SequenceEqual(other.Isr);

    /// <inheritdoc/>
    public override int GetHashCode() => Isr.Aggregate(HashCode.Combine(Leader, LeaderEpoch, ControllerEpoch), HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString()
        => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"leader {Leader} in epoch {LeaderEpoch}, ISR [{string.Join(",", Isr)}], by controller epoch {ControllerEpoch}");
}
