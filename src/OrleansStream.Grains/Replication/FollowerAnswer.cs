using OrleansStream.Abstractions;

namespace OrleansStream.Grains.Replication;

/// <summary>A leader's answer to a follower's fetch of one partition.</summary>
/// <param name="Response">What the follower is told.</param>
/// <param name="IsHeldBack">Whether there are records that the follower was not given, since the replication quota has no room.</param>
internal readonly record struct FollowerAnswer(ReplicaFetchPartitionResponse Response, bool IsHeldBack)
{
    /// <summary>The answer where no log is open.</summary>
    public static FollowerAnswer NotLeader { get; } = new(new ReplicaFetchPartitionResponse(ErrorCode.NotLeaderOrFollower, -1, -1, -1, -1, default), false);
}

/// <summary>What a leader's answer may take.</summary>
/// <param name="MaxBytes">The most bytes.</param>
/// <param name="MinOneMessage">Whether one batch may exceed that.</param>
/// <param name="Throttled">What else binds a follower that is not in sync; null if there is no throttle.</param>
/// <param name="Allocate">Gives the memory for records that are read at the log's tail, of exactly the size asked for.</param>
/// <param name="HeardAt">A timestamp of this broker after which the follower has sent the fetch; null if that is not known.</param>
internal readonly record struct FollowerRoom(
    int MaxBytes, bool MinOneMessage, ThrottledRoom? Throttled, Func<int, Memory<byte>> Allocate, long? HeardAt);

/// <summary>What a leader's answer may take for a throttled follower that is not in sync.</summary>
/// <param name="MaxBytes">The most bytes; 0 holds the follower back.</param>
/// <param name="MinOneMessage">Whether one batch may exceed that.</param>
internal readonly record struct ThrottledRoom(int MaxBytes, bool MinOneMessage);
