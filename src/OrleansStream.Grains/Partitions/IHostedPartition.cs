using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Replication;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Grains.Partitions;

/// <summary>A partition whose replica this silo hosts, as the broker's services see it. Callable from any thread.</summary>
internal interface IHostedPartition
{
    /// <summary>The partition.</summary>
    TopicPartition TopicPartition { get; }

    /// <summary>The id of the topic that its log was made for; empty while it is closed.</summary>
    Guid TopicId { get; }

    /// <summary>A reference to the partition's grain; calls to it run in the grain's turns.</summary>
    IPartitionGrain Reference { get; }

    /// <summary>What the cleaner sees of the partition; null while there is nothing to compact.</summary>
    ICompactionTarget? Compaction { get; }

    /// <summary>The leader epoch in which this broker leads the partition; -1 when it does not.</summary>
    int LeadingEpoch { get; }

    /// <summary>
    /// Whether this broker leads and every other member of the ISR is known to have followed it in this leader epoch within the last
    /// <paramref name="within"/>: then nobody else led the partition that long ago.
    /// </summary>
    bool IsFollowed(TimeSpan within);

    /// <summary>Whether what followers fetch from here is under the leader's replication quota.</summary>
    bool IsThrottledAsLeader { get; }

    /// <summary>Whether what is fetched for this replica is under the follower's replication quota.</summary>
    bool IsThrottledAsFollower { get; }

    /// <summary>The leader's answer to a follower, in a turn of the grain.</summary>
    Task<FollowerAnswer> FetchAsReplicaAsync(ReplicaFetch fetch, FollowerRoom room);

    /// <summary>What this replica asks its leader next, in a turn of the grain; null unless it follows one.</summary>
    Task<ReplicaFetch?> NextFetchAsync();

    /// <summary>A follower's word on how far its log is on disk, in a turn of the grain.</summary>
    Task OnFollowerFlushedAsync(ReplicaFlush flush);

    /// <summary>Takes in the leader's answer, in turns of the grain; completes when what came is appended.</summary>
    Task<FollowerStep> OnFetchedAsync(ReplicaFetch fetch, ReplicaFetchPartitionResponse answer);

    /// <summary>Completes when what is appended by now is on disk.</summary>
    Task<FollowerFlush> WhenFlushedAsync();

    /// <summary>Looks for followers that lag, in a turn of the grain.</summary>
    Task CheckIsrAsync();

    /// <summary>Closes a replica that is not assigned to this broker any more; its log stays until the broker starts again.</summary>
    Task StopUnassignedAsync();

    /// <summary>Applies a topic's new configuration, in a turn of the grain.</summary>
    Task ApplyConfigAsync(TopicConfig config);

    /// <summary>
    /// Takes no more appends, answers those under way, and closes the log with its clean mark, in turns of the grain.
    /// </summary>
    /// <returns>Whether everything that was appended is on disk.</returns>
    Task<bool> ShutDownAsync(CancellationToken cancellationToken);
}
