using OrleansStream.Core.Replicas;

namespace OrleansStream.Grains.Replication;

/// <summary>How a follower goes on.</summary>
/// <param name="Next">What to ask the leader next; null if this replica follows nobody any more.</param>
/// <param name="BacksOff">Whether to wait before that, because the leader could not answer.</param>
internal readonly record struct FollowerStep(ReplicaFetch? Next, bool BacksOff);
