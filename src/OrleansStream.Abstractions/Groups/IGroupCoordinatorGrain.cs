using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>
/// The coordinator of the groups whose ids hash to one partition of <c>__consumer_offsets</c>, on one broker. Its key is
/// <see cref="GroupCoordinatorKey"/> (<c>partition@brokerId</c>) and the placement director puts it on that broker's silo.
/// It coordinates while its broker leads the partition; <see cref="IClusterGrain.FindCoordinatorAsync"/> tells which one that is.
/// </summary>
/// <remarks>
/// <para>Expected failures are error codes in the answers, where Kafka has them. Wherever this grain does not coordinate the group it
/// answers <see cref="ErrorCode.NotCoordinator"/>: find the coordinator again. <see cref="ErrorCode.CoordinatorLoadInProgress"/>
/// and <see cref="ErrorCode.CoordinatorNotAvailable"/>: try again after a moment.</para>
/// <para>What was stored is durable on all in-sync replicas before the answer says so, and no answer shows state that is not.</para>
/// <para>Joining and syncing wait for other members. One call waits for a bounded time;
/// <see cref="GroupCoordinatorCalls"/> repeats it, and is what callers use.</para>
/// </remarks>
[Alias("OrleansStream.IGroupCoordinatorGrain")]
public interface IGroupCoordinatorGrain : IGrainWithStringKey
{
    /// <summary>
    /// The broker has begun or ceased to lead the partition, or leads it in another epoch: the coordinator begins to load, or stops. Does not wait
    /// for either. For the broker itself; a call that is not true changes nothing.
    /// </summary>
    [Alias("OnLeadershipChanged")]
    Task OnLeadershipChangedAsync();

    /// <summary>Joins a group of the classic protocol, or joins again when it rebalances.</summary>
    [Alias("JoinGroup")]
    Task<JoinGroupResponse> JoinGroupAsync(JoinGroupRequest request, CancellationToken cancellationToken);

    /// <summary>Takes the leader's assignment, and answers each member with its own.</summary>
    [Alias("SyncGroup")]
    Task<SyncGroupResponse> SyncGroupAsync(SyncGroupRequest request, CancellationToken cancellationToken);

    /// <summary>Keeps a member's session alive; <see cref="ErrorCode.RebalanceInProgress"/> tells it to join again.</summary>
    [Alias("Heartbeat")]
    Task<ErrorCode> HeartbeatAsync(GroupHeartbeatRequest request, CancellationToken cancellationToken);

    /// <summary>Takes members out of their group.</summary>
    [Alias("LeaveGroup")]
    Task<LeaveGroupResponse> LeaveGroupAsync(LeaveGroupRequest request, CancellationToken cancellationToken);

    /// <summary>Stores offsets, by a member of either protocol or, without member and generation, from outside an empty group.</summary>
    [Alias("OffsetCommit")]
    Task<OffsetCommitResponse> CommitOffsetsAsync(OffsetCommitRequest request, CancellationToken cancellationToken);

    /// <summary>Reads a group's offsets; a partition without one has offset -1.</summary>
    [Alias("OffsetFetch")]
    Task<OffsetFetchResponse> FetchOffsetsAsync(OffsetFetchRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes offsets of topics that the group does not subscribe to (KIP-496).</summary>
    [Alias("OffsetDelete")]
    Task<OffsetDeleteResponse> DeleteOffsetsAsync(OffsetDeleteRequest request, CancellationToken cancellationToken);

    /// <summary>Groups of the classic protocol with their members. One that is not here is described as Dead.</summary>
    [Alias("DescribeGroups")]
    Task<GroupDescription[]> DescribeGroupsAsync(string[] groupIds, CancellationToken cancellationToken);

    /// <summary>Groups of the consumer protocol with their members (KIP-848).</summary>
    [Alias("ConsumerGroupDescribe")]
    Task<ConsumerGroupDescription[]> DescribeConsumerGroupsAsync(string[] groupIds, CancellationToken cancellationToken);

    /// <summary>The groups of this coordinator.</summary>
    [Alias("ListGroups")]
    Task<ListGroupsResponse> ListGroupsAsync(ListGroupsRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes empty groups with their offsets; an error code for each, in the order of the request.</summary>
    [Alias("DeleteGroups")]
    Task<ErrorCode[]> DeleteGroupsAsync(string[] groupIds, CancellationToken cancellationToken);

    /// <summary>Joins, keeps alive, reconciles and leaves a group of the consumer protocol (KIP-848).</summary>
    [Alias("ConsumerGroupHeartbeat")]
    Task<ConsumerGroupHeartbeatResponse> ConsumerGroupHeartbeatAsync(ConsumerGroupHeartbeatRequest request, CancellationToken cancellationToken);
}
