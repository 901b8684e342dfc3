using System.Collections.Immutable;
using OrleansStream.Core.Groups.Classic;
using OrleansStream.Core.Groups.Consumers;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <content>
/// Classic members of a group of the consumer protocol: the coordinator assigns for them too, and tells them by REBALANCE_IN_PROGRESS to join
/// again whenever there is something for them to give up or to get. Nobody waits for anybody.
/// </content>
public sealed partial class GroupCoordinator
{
    private void JoinConsumerGroup(
        long ticket, ConsumerGroup group, JoinGroupRequest request, IReadOnlyList<MemberProtocol> protocols, JoinContext context, CoordinatorTime now)
    {
        var isNew = request.MemberId.Length == 0;
        var memberId = isNew ? $"{request.GroupInstanceId ?? context.ClientId}-{context.NewId}" : request.MemberId;
        var error = CheckClassicMember(group, request, memberId, protocols, out var subscription);
        if (error == ErrorCode.None && isNew && request.GroupInstanceId is null && context.RequiresKnownMemberId)
        {
            error = ErrorCode.MemberIdRequired;
        }

        if (error != ErrorCode.None)
        {
            RefuseJoin(ticket, error == ErrorCode.MemberIdRequired ? memberId : request.MemberId, error);
            return;
        }

        var predecessor = isNew && request.GroupInstanceId is { } instanceId ? group.FindStatic(instanceId) : null;
        var downgrades = predecessor is not null && CanDowngrade(group, predecessor.MemberId, group.Members.Count);
        if (predecessor is not null)
        {
            ReplaceConsumerMember(group, predecessor, memberId);
        }

        var before = group.Find(memberId);
        var after = (before ?? new ConsumerMember(memberId)) with
        {
            InstanceId = request.GroupInstanceId ?? before?.InstanceId,
            RackId = subscription!.RackId ?? before?.RackId,
            RebalanceTimeoutMs = RebalanceTimeoutOf(request),
            ServerAssignor = null,
            TopicNames = subscription.Topics.ToImmutableSortedSet(StringComparer.Ordinal),
            TopicRegex = null,
            ClientId = context.ClientId,
            ClientHost = context.ClientHost,
            Classic = new ClassicTraits(request.SessionTimeoutMs, protocols),
        };
        var owned = PartitionSet.Of(subscription.OwnedPartitions
            .SelectMany(topic => topic.Partitions.Select(partition => (Topic: _topics.Find(topic.Topic), Partition: partition)))
            .Where(partition => partition.Topic is not null)
            .Select(partition => (partition.Topic!.Value.Id, partition.Partition)));
        var member = UpdateConsumerMember(group, before, after, owned, now);
        _timers.Cancel(MemberTimer(GroupTimerKind.MemberJoin, group, memberId));
        var generation = member.Epoch;
        if (downgrades)
        {
            BecomeClassicGroup(group, predecessor!, member, now);
            generation = ((ClassicGroup)_groups[group.GroupId]).Generation;
        }
        else
        {
            _timers.Schedule(SessionTimer(group.GroupId, memberId), now.MonotonicMs + request.SessionTimeoutMs);
            _timers.Schedule(MemberTimer(GroupTimerKind.MemberSync, group, memberId), now.MonotonicMs + member.RebalanceTimeoutMs);
        }

        Answer(ticket, new JoinGroupResponse
        {
            MemberId = memberId,
            GenerationId = generation,
            ProtocolType = ClassicGroup.ConsumerProtocolType,
            ProtocolName = protocols[0].Name,
        });
    }

    private ErrorCode CheckClassicMember(
        ConsumerGroup group,
        JoinGroupRequest request,
        string memberId,
        IReadOnlyList<MemberProtocol> protocols,
        out ConsumerProtocolSubscription? subscription)
    {
        subscription = null;
        if (group.Members.Count >= _settings.ConsumerMaxSize && group.Find(memberId) is null)
        {
            return ErrorCode.GroupMaxSizeReached;
        }

        if (!group.SupportsClassic(request.ProtocolType, protocols.Select(protocol => protocol.Name)))
        {
            return ErrorCode.InconsistentGroupProtocol;
        }

        if (request is { GroupInstanceId: { } instanceId, MemberId.Length: > 0 })
        {
            var current = group.FindStatic(instanceId);
            if (current is null || current.MemberId != memberId)
            {
                return current is null ? ErrorCode.UnknownMemberId : ErrorCode.FencedInstanceId;
            }
        }

        try
        {
            subscription = ConsumerEmbeddedProtocol.ReadSubscription(protocols[0].Metadata);
            return ErrorCode.None;
        }
        catch (KafkaProtocolException)
        {
            return ErrorCode.InconsistentGroupProtocol;
        }
    }

    private void SyncConsumerGroup(long ticket, ConsumerGroup group, SyncGroupRequest request, CoordinatorTime now)
    {
        var error = FindClassicMember(group, request.MemberId, request.GroupInstanceId, request.GenerationId, out var member);
        if (error == ErrorCode.None
            && ((request.ProtocolType is { } type && type != ClassicGroup.ConsumerProtocolType)
                || (request.ProtocolName is { } name && name != member!.Classic!.Protocols[0].Name)))
        {
            error = ErrorCode.InconsistentGroupProtocol;
        }

        if (error == ErrorCode.None && group.GroupEpoch > member!.Epoch && member.State != ConsumerMemberState.UnrevokedPartitions)
        {
            ScheduleMemberJoin(group, member, now);
            error = ErrorCode.RebalanceInProgress;
        }

        if (error != ErrorCode.None)
        {
            Answer(ticket, new SyncGroupResponse { ErrorCode = error });
            return;
        }

        _timers.Cancel(MemberTimer(GroupTimerKind.MemberSync, group, member!.MemberId));
        _timers.Schedule(SessionTimer(group.GroupId, member.MemberId), now.MonotonicMs + member.Classic!.SessionTimeoutMs);
        Answer(ticket, new SyncGroupResponse
        {
            ProtocolType = request.ProtocolType,
            ProtocolName = request.ProtocolName,
            Assignment = ClassicAssignment(group, member.Assigned, member.Classic.ProtocolVersion),
        });
    }

    private ErrorCode HeartbeatConsumerGroup(ConsumerGroup group, HeartbeatRequest request, CoordinatorTime now)
    {
        var error = FindClassicMember(group, request.MemberId, request.GroupInstanceId, request.GenerationId, out var member);
        if (error != ErrorCode.None)
        {
            return error;
        }

        _timers.Schedule(SessionTimer(group.GroupId, member!.MemberId), now.MonotonicMs + member.Classic!.SessionTimeoutMs);
        var mustJoin = member.Epoch < group.GroupEpoch
            || member.State == ConsumerMemberState.UnrevokedPartitions
            || (member.State == ConsumerMemberState.UnreleasedPartitions && !group.IsWaitingForPartitions(member));
        if (!mustJoin)
        {
            return ErrorCode.None;
        }

        ScheduleMemberJoin(group, member, now);
        return ErrorCode.RebalanceInProgress;
    }

    private ErrorCode LeaveConsumerGroup(ConsumerGroup group, LeaveGroupRequest.MemberIdentity identity, CoordinatorTime now)
    {
        var member = identity.GroupInstanceId is { } instanceId ? group.FindStatic(instanceId) : group.Find(identity.MemberId);
        if (member is null)
        {
            return ErrorCode.UnknownMemberId;
        }

        // An administrator who removes a static member does not know its id.
        if (member.MemberId != identity.MemberId && !(identity.MemberId.Length == 0 && identity.GroupInstanceId is not null))
        {
            return ErrorCode.FencedInstanceId;
        }

        if (member.Classic is null)
        {
            return ErrorCode.UnknownMemberId;
        }

        RemoveConsumerMember(group, member, now);
        return ErrorCode.None;
    }

    private static ErrorCode FindClassicMember(ConsumerGroup group, string memberId, string? instanceId, int generation, out ConsumerMember? member)
    {
        member = instanceId is null ? group.Find(memberId) : group.FindStatic(instanceId);
        return member is null ? ErrorCode.UnknownMemberId
            : member.MemberId != memberId ? ErrorCode.FencedInstanceId
            : member.Classic is null ? ErrorCode.UnknownMemberId
            : member.Epoch != generation ? ErrorCode.IllegalGeneration
            : ErrorCode.None;
    }

    private void ScheduleMemberJoin(ConsumerGroup group, ConsumerMember member, CoordinatorTime now)
    {
        var timer = MemberTimer(GroupTimerKind.MemberJoin, group, member.MemberId);
        if (!_timers.Contains(timer))
        {
            _timers.Schedule(timer, now.MonotonicMs + member.RebalanceTimeoutMs);
        }
    }
}
