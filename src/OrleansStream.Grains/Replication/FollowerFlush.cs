using OrleansStream.Core.Replicas;

namespace OrleansStream.Grains.Replication;

/// <summary>How a follower stands after a flush.</summary>
/// <param name="Next">What to ask the leader next; null if this replica follows nobody any more.</param>
/// <param name="Report">What to tell the leader without a fetch; null if there is nothing that it would take.</param>
internal readonly record struct FollowerFlush(ReplicaFetch? Next, ReplicaFlush? Report);
