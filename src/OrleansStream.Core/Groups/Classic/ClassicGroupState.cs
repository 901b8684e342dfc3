namespace OrleansStream.Core.Groups.Classic;

/// <summary>The states of a group of the classic protocol.</summary>
public enum ClassicGroupState
{
    /// <summary>
    /// No members; offsets may be there. A join leads to <see cref="PreparingRebalance"/>; removal to <see cref="Dead"/>.
    /// </summary>
    Empty,

    /// <summary>
    /// Members are expected to join; their joins wait, their heartbeats are told REBALANCE_IN_PROGRESS. When all have joined or the
    /// time is over: <see cref="CompletingRebalance"/>, or <see cref="Empty"/> if all have left. Removal: <see cref="Dead"/>.
    /// </summary>
    PreparingRebalance,

    /// <summary>
    /// The generation is formed and the leader's assignment awaited; syncs wait. With the assignment stored: <see cref="Stable"/>. A member
    /// that joins anew, leaves, dies or never syncs: <see cref="PreparingRebalance"/>. Removal: <see cref="Dead"/>.
    /// </summary>
    CompletingRebalance,

    /// <summary>
    /// Every member has its assignment. A change of membership or metadata, or the leader's wish: <see cref="PreparingRebalance"/>.
    /// Removal: <see cref="Dead"/>.
    /// </summary>
    Stable,

    /// <summary>The group is not here any more: deleted, or with another coordinator. Final.</summary>
    Dead,
}
