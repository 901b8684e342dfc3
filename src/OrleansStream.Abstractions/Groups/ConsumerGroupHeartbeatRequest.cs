using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The heartbeat of a member of the consumer protocol (KIP-848). What has not changed since the last one is null.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The member's id, made by the client (from version 1) or, if empty, by the coordinator.</param>
/// <param name="MemberEpoch">The member's epoch; 0 to join, -1 to leave, -2 when a static member leaves for a while.</param>
/// <param name="InstanceId">The id of a static member, else null.</param>
/// <param name="RackId">The member's rack.</param>
/// <param name="RebalanceTimeoutMs">How long the member may take to give partitions back; -1 if it has not changed.</param>
/// <param name="SubscribedTopicNames">The topics that the member subscribes to.</param>
/// <param name="SubscribedTopicRegex">The pattern that it subscribes with.</param>
/// <param name="ServerAssignor"><c>uniform</c> or <c>range</c>.</param>
/// <param name="TopicPartitions">The partitions that the member owns.</param>
/// <param name="ClientId">The client's name for itself.</param>
/// <param name="ClientHost">Where the client is, for people to read.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ConsumerGroupHeartbeatRequest")]
public sealed record ConsumerGroupHeartbeatRequest(
    [property: Id(0)] string GroupId,
    [property: Id(1)] string MemberId,
    [property: Id(2)] int MemberEpoch,
    [property: Id(3)] string? InstanceId,
    [property: Id(4)] string? RackId,
    [property: Id(5)] int RebalanceTimeoutMs,
    [property: Id(6)] string[]? SubscribedTopicNames,
    [property: Id(7)] string? SubscribedTopicRegex,
    [property: Id(8)] string? ServerAssignor,
    [property: Id(9)] TopicIdPartitions[]? TopicPartitions,
    [property: Id(10)] string ClientId,
    [property: Id(11)] string ClientHost);

/// <summary>The answer to a heartbeat of the consumer protocol.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="ErrorMessage">What was wrong; null on success.</param>
/// <param name="MemberId">The member's id.</param>
/// <param name="MemberEpoch">The epoch that the member is to go on with.</param>
/// <param name="HeartbeatIntervalMs">When to send the next heartbeat.</param>
/// <param name="Assignment">The partitions that the member is to own; null if that has not changed.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ConsumerGroupHeartbeatResponse")]
public sealed record ConsumerGroupHeartbeatResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] string? ErrorMessage,
    [property: Id(2)] string? MemberId,
    [property: Id(3)] int MemberEpoch,
    [property: Id(4)] int HeartbeatIntervalMs,
    [property: Id(5)] TopicIdPartitions[]? Assignment);
