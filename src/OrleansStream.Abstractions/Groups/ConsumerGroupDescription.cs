using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A group of the consumer protocol (KIP-848).</summary>
/// <param name="Error">The outcome; <see cref="ErrorCode.GroupIdNotFound"/> for a group of another protocol.</param>
/// <param name="ErrorMessage">What was wrong; null on success.</param>
/// <param name="GroupId">The group.</param>
/// <param name="State">Empty, Assigning, Reconciling, Stable or Dead.</param>
/// <param name="GroupEpoch">The epoch of the group's membership and subscriptions.</param>
/// <param name="AssignmentEpoch">The epoch of the target assignment.</param>
/// <param name="AssignorName">The assignor that the group uses.</param>
/// <param name="Members">The members.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ConsumerGroupDescription")]
public sealed record ConsumerGroupDescription(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] string? ErrorMessage,
    [property: Id(2)] string GroupId,
    [property: Id(3)] string State,
    [property: Id(4)] int GroupEpoch,
    [property: Id(5)] int AssignmentEpoch,
    [property: Id(6)] string AssignorName,
    [property: Id(7)] ConsumerGroupMemberDescription[] Members);

/// <summary>A member of a group of the consumer protocol.</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="InstanceId">Its id as a static member, else null.</param>
/// <param name="RackId">Its rack, else null.</param>
/// <param name="MemberEpoch">The epoch that it has reconciled to.</param>
/// <param name="ClientId">The client's name for itself.</param>
/// <param name="ClientHost">Where the client is.</param>
/// <param name="SubscribedTopicNames">The topics that it subscribes to by name.</param>
/// <param name="SubscribedTopicRegex">The pattern that it subscribes with, else null.</param>
/// <param name="Assignment">The partitions that it owns.</param>
/// <param name="TargetAssignment">The partitions that it is meant to own.</param>
/// <param name="IsClassic">Whether it follows the classic protocol while the group is migrated.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ConsumerGroupMemberDescription")]
public sealed record ConsumerGroupMemberDescription(
    [property: Id(0)] string MemberId,
    [property: Id(1)] string? InstanceId,
    [property: Id(2)] string? RackId,
    [property: Id(3)] int MemberEpoch,
    [property: Id(4)] string ClientId,
    [property: Id(5)] string ClientHost,
    [property: Id(6)] string[] SubscribedTopicNames,
    [property: Id(7)] string? SubscribedTopicRegex,
    [property: Id(8)] TopicIdPartitions[] Assignment,
    [property: Id(9)] TopicIdPartitions[] TargetAssignment,
    [property: Id(10)] bool IsClassic);

/// <summary>Some partitions of a topic, by the topic's id.</summary>
/// <param name="TopicId">The topic's id.</param>
/// <param name="TopicName">The topic's name; empty where the receiver looks it up.</param>
/// <param name="Partitions">The partitions' numbers.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.TopicIdPartitions")]
public sealed record TopicIdPartitions(
    [property: Id(0)] Guid TopicId,
    [property: Id(1)] string TopicName,
    [property: Id(2)] int[] Partitions);
