namespace OrleansStream.Core.Groups.Consumers;

/// <summary>How far a member of the consumer protocol is on its way to its target; the numbers are stored.</summary>
internal enum ConsumerMemberState : sbyte
{
    /// <summary>
    /// It has what it was told of its epoch. A newer target leads on: to <see cref="UnrevokedPartitions"/> if it must give something up, to
    /// <see cref="UnreleasedPartitions"/> if something is not free yet, else it stays in the target's epoch.
    /// </summary>
    Stable = 0,

    /// <summary>It has been told to give partitions up and still owns some. Once they are gone it goes on, as from <see cref="Stable"/>.</summary>
    UnrevokedPartitions = 1,

    /// <summary>It is in the target's epoch, but others still own partitions that it is to get. Once they are free: <see cref="Stable"/>.</summary>
    UnreleasedPartitions = 2,
}
