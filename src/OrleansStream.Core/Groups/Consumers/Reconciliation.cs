namespace OrleansStream.Core.Groups.Consumers;

/// <summary>
/// Brings one member a step nearer to its target: first it gives up what is not its own any more, then it enters the target's epoch and
/// gets what is free. A partition is given to a member only when nobody owns it.
/// </summary>
internal static class Reconciliation
{
    /// <param name="member">The member.</param>
    /// <param name="group">Its group, for the target and for who owns what.</param>
    /// <param name="owned">What the member says it owns; null if it does not say.</param>
    public static ConsumerMember Next(ConsumerMember member, ConsumerGroup group, PartitionSet? owned)
    {
        switch (member.State)
        {
            case ConsumerMemberState.Stable:
                return member.Epoch == group.AssignmentEpoch ? member : Advance(member, member.Epoch, group, owned);
            case ConsumerMemberState.UnrevokedPartitions:
                return Owns(owned, member.PendingRevocation) ? member : Advance(member, member.Epoch + 1, group, owned);
            default:
                return Advance(member, member.Epoch, group, owned);
        }
    }

    private static ConsumerMember Advance(ConsumerMember member, int epoch, ConsumerGroup group, PartitionSet? owned)
    {
        var target = group.TargetOf(member.MemberId);
        var kept = member.Assigned.Intersect(target);
        var revoked = member.Assigned.Except(target);
        if (revoked.Count > 0 && Owns(owned, revoked))
        {
            return member.AtEpoch(epoch) with
            {
                State = ConsumerMemberState.UnrevokedPartitions,
                Assigned = kept,
                PendingRevocation = revoked,
            };
        }

        var wanted = target.Except(kept);
        var free = PartitionSet.Of(wanted.All.Where(partition => group.IsFree(partition.Topic, partition.Partition)));
        return member.AtEpoch(group.AssignmentEpoch) with
        {
            State = free.Count == wanted.Count ? ConsumerMemberState.Stable : ConsumerMemberState.UnreleasedPartitions,
            Assigned = kept.Union(free),
            PendingRevocation = PartitionSet.Empty,
        };
    }

    /// <summary>A member that does not say what it owns may own anything.</summary>
    private static bool Owns(PartitionSet? owned, PartitionSet partitions) => owned is null || owned.Overlaps(partitions);
}
