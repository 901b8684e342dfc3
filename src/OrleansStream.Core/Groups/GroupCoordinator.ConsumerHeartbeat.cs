using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using OrleansStream.Core.Groups.Classic;
using OrleansStream.Core.Groups.Consumers;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <content>The consumer protocol (KIP-848): a heartbeat joins, keeps alive, reconciles and leaves.</content>
public sealed partial class GroupCoordinator
{
    private const int JoinEpoch = 0;
    private const int NotGiven = -1;

    /// <summary>A member's heartbeat.</summary>
    public GroupEffects ConsumerHeartbeat(long ticket, ConsumerGroupHeartbeatRequest request, JoinContext context, CoordinatorTime now)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        var (error, message) = Validate(request);
        ConsumerGroupHeartbeatResponse? response = null;
        if (error == ErrorCode.None)
        {
            (error, message) = request.MemberEpoch is ConsumerMember.LeftEpoch or ConsumerMember.AwayEpoch
                ? LeaveConsumerGroup(request, now, out response)
                : HeartbeatConsumerGroup(request, context, now, out response);
        }

        Answer(ticket, response ?? new ConsumerGroupHeartbeatResponse { ErrorCode = error, ErrorMessage = message });
        return TakeEffects();
    }

    private (ErrorCode Error, string? Message) Validate(ConsumerGroupHeartbeatRequest request)
    {
        var problem = request switch
        {
            { GroupId.Length: 0 } => "GroupId can't be empty.",
            { InstanceId.Length: 0 } => "InstanceId can't be empty.",
            { RackId.Length: 0 } => "RackId can't be empty.",
            { MemberEpoch: < ConsumerMember.AwayEpoch } => "MemberEpoch is invalid.",
            { MemberEpoch: not JoinEpoch, MemberId.Length: 0 } => "MemberId can't be empty.",
            { MemberEpoch: ConsumerMember.AwayEpoch, InstanceId: null } => "InstanceId can't be null.",
            { MemberEpoch: JoinEpoch, RebalanceTimeoutMs: NotGiven } => "RebalanceTimeoutMs must be provided in first request.",
            { MemberEpoch: JoinEpoch, TopicPartitions: not { Count: 0 } } => "TopicPartitions must be empty when (re-)joining.",
            { MemberEpoch: JoinEpoch, SubscribedTopicNames: null, SubscribedTopicRegex: null or "" }
                => "Either SubscribedTopicNames or SubscribedTopicRegex must be set when (re-)joining.",
            _ => null,
        };
        return problem is not null ? (ErrorCode.InvalidRequest, problem)
            : request.ServerAssignor is { } assignor && !_settings.ConsumerAssignors.Contains(assignor)
                ? (ErrorCode.UnsupportedAssignor, $"ServerAssignor {assignor} is not supported. Supported assignors: {string.Join(", ", _settings.ConsumerAssignors)}.")
            : request.SubscribedTopicRegex is { Length: > 0 } pattern && !_patterns.TryAdd(pattern, out var reason)
                ? (ErrorCode.InvalidRegularExpression, $"SubscribedTopicRegex `{pattern}` is not a valid regular expression: {reason}.")
            : (ErrorCode.None, null);
    }

    private (ErrorCode Error, string? Message) HeartbeatConsumerGroup(
        ConsumerGroupHeartbeatRequest request, JoinContext context, CoordinatorTime now, out ConsumerGroupHeartbeatResponse? response)
    {
        response = null;
        var memberId = request.MemberId.Length > 0 ? request.MemberId : context.NewId.ToString();
        var isJoin = request.MemberEpoch == JoinEpoch;
        var owned = OwnedOf(request.TopicPartitions);
        var refused = CheckConsumerGroup(request, memberId, isJoin);
        if (refused.Error != ErrorCode.None)
        {
            return refused;
        }

        var group = _groups.GetValueOrDefault(request.GroupId) as ConsumerGroup;
        refused = CheckConsumerMember(group, request, memberId, isJoin, owned);
        if (refused.Error != ErrorCode.None)
        {
            return refused;
        }

        group ??= BecomeConsumerGroup(request.GroupId, now);
        if (isJoin && request.InstanceId is { } instanceId && group.FindStatic(instanceId) is { } predecessor && predecessor.MemberId != memberId)
        {
            ReplaceConsumerMember(group, predecessor, memberId);
        }

        var before = group.Find(memberId);
        var after = (before ?? new ConsumerMember(memberId)) with
        {
            InstanceId = request.InstanceId ?? before?.InstanceId,
            RackId = request.RackId ?? before?.RackId,
            RebalanceTimeoutMs = request.RebalanceTimeoutMs == NotGiven ? before?.RebalanceTimeoutMs ?? NotGiven : request.RebalanceTimeoutMs,
            ServerAssignor = request.ServerAssignor ?? before?.ServerAssignor,
            TopicNames = request.SubscribedTopicNames?.ToImmutableSortedSet(StringComparer.Ordinal)
                ?? before?.TopicNames ?? ImmutableSortedSet.Create<string>(StringComparer.Ordinal),
            TopicRegex = request.SubscribedTopicRegex is { } regex ? (regex.Length == 0 ? null : regex) : before?.TopicRegex,
            ClientId = context.ClientId,
            ClientHost = context.ClientHost,
            Classic = null,
        };
        var member = UpdateConsumerMember(group, before, after, owned, now);
        _timers.Schedule(SessionTimer(group.GroupId, memberId), now.MonotonicMs + _settings.ConsumerSessionTimeoutMs);
        _timers.Cancel(MemberTimer(GroupTimerKind.MemberJoin, group, memberId));
        _timers.Cancel(MemberTimer(GroupTimerKind.MemberSync, group, memberId));
        var isFull = isJoin || (request.RebalanceTimeoutMs != NotGiven
            && (request.SubscribedTopicNames is not null || request.SubscribedTopicRegex is not null)
            && request.TopicPartitions is not null);
        response = new ConsumerGroupHeartbeatResponse
        {
            MemberId = memberId,
            MemberEpoch = member.Epoch,
            HeartbeatIntervalMs = _settings.ConsumerHeartbeatIntervalMs,
            Assignment = isFull || before is null || !before.Assigned.Equals(member.Assigned) ? AssignmentFor(member) : null,
        };
        return (ErrorCode.None, null);
    }

    private (ErrorCode Error, string? Message) CheckConsumerGroup(ConsumerGroupHeartbeatRequest request, string memberId, bool isJoin)
    {
        switch (_groups.GetValueOrDefault(request.GroupId))
        {
            case ConsumerGroup group when group.Members.Count >= _settings.ConsumerMaxSize && group.Find(memberId) is null:
                return (ErrorCode.GroupMaxSizeReached, $"The consumer group has reached its maximum capacity of {_settings.ConsumerMaxSize} members.");
            case ConsumerGroup:
            case null when isJoin:
                return (ErrorCode.None, null);
            case null:
                return (ErrorCode.GroupIdNotFound, $"Consumer group {request.GroupId} not found.");
            case ClassicGroup classic when isJoin && (classic.IsEmpty || CanUpgrade(classic)):
                return (ErrorCode.None, null);
            default:
                return (ErrorCode.GroupIdNotFound, $"Group {request.GroupId} is not a consumer group.");
        }
    }

    private static (ErrorCode Error, string? Message) CheckConsumerMember(
        ConsumerGroup? group, ConsumerGroupHeartbeatRequest request, string memberId, bool isJoin, PartitionSet? owned)
    {
        ConsumerMember? member;
        if (request.InstanceId is not { } instanceId)
        {
            member = group?.Find(memberId);
            if (member is null)
            {
                return isJoin ? (ErrorCode.None, null) : (ErrorCode.UnknownMemberId, $"Member {memberId} is not a member of group {request.GroupId}.");
            }
        }
        else
        {
            member = group?.FindStatic(instanceId);
            if (isJoin)
            {
                return member is { Classic: null } && member.MemberId != memberId && member.Epoch != ConsumerMember.AwayEpoch
                    ? (ErrorCode.UnreleasedInstanceId, $"Static member {memberId} with instance id {instanceId} cannot join the group because the instance id is owned by {member.MemberId} member.")
                    : (ErrorCode.None, null);
            }

            if (member is null)
            {
                return (ErrorCode.UnknownMemberId, $"Instance id {instanceId} is unknown.");
            }

            if (member.MemberId != memberId)
            {
                return (ErrorCode.FencedInstanceId, $"Static member {memberId} with instance id {instanceId} was fenced by member {member.MemberId}.");
            }
        }

        // A member may come with its last epoch when the answer with the new one was lost; it must not own more than it has then.
        var isBehind = request.MemberEpoch < member.Epoch
            && !(request.MemberEpoch == member.PreviousEpoch && owned is not null && owned.IsSubsetOf(member.Assigned));
        return !isJoin && (request.MemberEpoch > member.Epoch || isBehind)
            ? (ErrorCode.FencedMemberEpoch, $"The consumer group member has a {(isBehind ? "smaller" : "greater")} member epoch ({request.MemberEpoch}) than the one known by the group coordinator ({member.Epoch}). The member must abandon all its partitions and rejoin.")
            : (ErrorCode.None, null);
    }

    private (ErrorCode Error, string? Message) LeaveConsumerGroup(
        ConsumerGroupHeartbeatRequest request, CoordinatorTime now, [NotNullWhen(true)] out ConsumerGroupHeartbeatResponse? response)
    {
        response = null;
        if (_groups.GetValueOrDefault(request.GroupId) is not ConsumerGroup group)
        {
            return (ErrorCode.GroupIdNotFound, $"Consumer group {request.GroupId} not found.");
        }

        var member = request.InstanceId is { } instanceId ? group.FindStatic(instanceId) : group.Find(request.MemberId);
        if (member is null)
        {
            return (ErrorCode.UnknownMemberId, $"Member {request.InstanceId ?? request.MemberId} is not a member of group {request.GroupId}.");
        }

        if (member.MemberId != request.MemberId)
        {
            return (ErrorCode.FencedInstanceId, $"Static member {request.MemberId} with instance id {request.InstanceId} was fenced by member {member.MemberId}.");
        }

        if (request.MemberEpoch == ConsumerMember.AwayEpoch)
        {
            // It keeps what it has, for its next incarnation, until its session is over.
            Emit(ConsumerRecords.Current(group.GroupId, member with { Epoch = ConsumerMember.AwayEpoch, PendingRevocation = PartitionSet.Empty }));
        }
        else
        {
            RemoveConsumerMember(group, member, now);
        }

        response = new ConsumerGroupHeartbeatResponse { MemberId = member.MemberId, MemberEpoch = request.MemberEpoch };
        return (ErrorCode.None, null);
    }

    private static PartitionSet? OwnedOf(List<ConsumerGroupHeartbeatRequest.TopicPartitionsValue>? topics)
        => topics is null ? null : PartitionSet.Of(topics.SelectMany(topic => topic.Partitions.Select(partition => (topic.TopicId, partition))));

    private static ConsumerGroupHeartbeatResponse.AssignmentValue AssignmentFor(ConsumerMember member)
    {
        var assignment = new ConsumerGroupHeartbeatResponse.AssignmentValue();
        assignment.TopicPartitions.AddRange(member.Assigned.ByTopic().Select(topic => new ConsumerGroupHeartbeatResponse.TopicPartitionsValue
        {
            TopicId = topic.Topic,
            Partitions = topic.Partitions,
        }));
        return assignment;
    }
}
