namespace OrleansStream.Core.Replicas;

/// <summary>What a follower asks of its leader, and tells it by asking.</summary>
/// <param name="ReplicaId">The follower's broker id.</param>
/// <param name="BrokerEpoch">The registration of the follower's broker, so that nothing of an earlier life counts (KIP-903).</param>
/// <param name="LeaderEpoch">The leader epoch that the follower is in (KIP-320).</param>
/// <param name="FetchOffset">The end of the follower's log.</param>
/// <param name="LastFetchedEpoch">The leader epoch of the follower's last batch, -1 for an empty log: the leader compares it with its own history.</param>
/// <param name="FlushedOffset">The first offset that is not on the follower's stable storage; at most <paramref name="FetchOffset"/>.</param>
public readonly record struct ReplicaFetch(
    int ReplicaId, long BrokerEpoch, int LeaderEpoch, long FetchOffset, int LastFetchedEpoch, long FlushedOffset);

/// <summary>What a follower tells its leader beside a fetch that waits there: how far its log is on disk.</summary>
/// <param name="ReplicaId">The follower's broker id.</param>
/// <param name="BrokerEpoch">The registration of the follower's broker.</param>
/// <param name="LeaderEpoch">The leader epoch in which the follower has appended what it tells of.</param>
/// <param name="FlushedOffset">The first offset that is not on the follower's stable storage.</param>
public readonly record struct ReplicaFlush(int ReplicaId, long BrokerEpoch, int LeaderEpoch, long FlushedOffset);

/// <summary>The leader's decision on a <see cref="ReplicaFetch"/>.</summary>
/// <param name="Error">The outcome. <see cref="ErrorCode.OffsetOutOfRange"/>: the follower starts over at the leader's log start.</param>
/// <param name="Message">What was wrong; null on success.</param>
/// <param name="DivergingEpoch">
/// Where the histories part: the largest epoch of the leader that is not above the follower's last one, and where it ends. Then there is
/// nothing to read, and the fetch counts for nothing (KIP-595). Null if the follower's log is a beginning of the leader's.
/// </param>
/// <param name="Effects">What to carry out.</param>
public sealed record FollowerFetchDecision(ErrorCode Error, string? Message, EpochEnd? DivergingEpoch, ReplicaEffects Effects);

/// <summary>The end of a leader epoch in a log.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="EndOffset">The first offset after it.</param>
public readonly record struct EpochEnd(int Epoch, long EndOffset);

/// <summary>The leader's answer as the follower takes it.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="DivergingEpoch">Where the histories part; null if they do not.</param>
/// <param name="HighWatermark">The leader's high watermark.</param>
/// <param name="LogStartOffset">The leader's first offset.</param>
public readonly record struct ReplicaFetchAnswer(ErrorCode Error, EpochEnd? DivergingEpoch, long HighWatermark, long LogStartOffset);

/// <summary>What a follower does with an answer.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Offset">Where to cut the log, or to start over; -1 otherwise.</param>
public readonly record struct FollowerAction(FollowerActionKind Kind, long Offset = -1);

/// <summary>The kinds of a <see cref="FollowerAction"/>.</summary>
public enum FollowerActionKind
{
    /// <summary>The answer is of an earlier time: ask again.</summary>
    Ignore,

    /// <summary>Append the records that came, if any, then report what the leader said of its offsets.</summary>
    Append,

    /// <summary>Cut the log to end at the offset, then ask again.</summary>
    Truncate,

    /// <summary>Forget the log and begin at the offset, then ask again.</summary>
    StartOver,

    /// <summary>The leader cannot answer, or does not see itself as the leader of this epoch: ask again after a while.</summary>
    BackOff,
}
