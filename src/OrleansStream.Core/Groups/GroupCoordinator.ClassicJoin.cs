using OrleansStream.Core.Groups.Classic;
using OrleansStream.Core.Groups.Consumers;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <content>Joining a group of the classic protocol.</content>
public sealed partial class GroupCoordinator
{
    /// <summary>A member joins, or joins again. The answer may come much later.</summary>
    public GroupEffects Join(long ticket, JoinGroupRequest request, JoinContext context, CoordinatorTime now)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        if (request.GroupId.Length == 0)
        {
            RefuseJoin(ticket, request.MemberId, ErrorCode.InvalidGroupId);
        }
        else if (request.SessionTimeoutMs < _settings.MinSessionTimeoutMs || request.SessionTimeoutMs > _settings.MaxSessionTimeoutMs)
        {
            RefuseJoin(ticket, request.MemberId, ErrorCode.InvalidSessionTimeout);
        }
        else
        {
            JoinClassicGroup(ticket, request, context, now);
        }

        return TakeEffects();
    }

    private void JoinClassicGroup(long ticket, JoinGroupRequest request, JoinContext context, CoordinatorTime now)
    {
        var protocols = MemberProtocol.CopyOf(request.Protocols);
        if (_groups.GetValueOrDefault(request.GroupId) is ConsumerGroup consumers)
        {
            if (!consumers.IsEmpty)
            {
                JoinConsumerGroup(ticket, consumers, request, protocols, context, now);
                return;
            }
        }

        if (_groups.GetValueOrDefault(request.GroupId) is not ClassicGroup group)
        {
            if (request.MemberId.Length > 0)
            {
                RefuseJoin(ticket, request.MemberId, ErrorCode.UnknownMemberId);
                return;
            }

            if (_groups.GetValueOrDefault(request.GroupId) is ConsumerGroup empty)
            {
                EmitConsumerGroupTombstones(empty);
            }

            // Stored at once, so that a coordinator that takes over knows of the group before its first generation.
            group = new ClassicGroup(request.GroupId);
            Emit(group.ToRecord(_ => default, now.WallMs));
            group = (ClassicGroup)_groups[request.GroupId];
        }

        if (!HasRoomFor(group, request.MemberId))
        {
            group.Remove(request.MemberId);
            _timers.Cancel(SessionTimer(group.GroupId, request.MemberId));
            RefuseJoin(ticket, string.Empty, ErrorCode.GroupMaxSizeReached);
        }
        else if (!group.Supports(request.ProtocolType, protocols))
        {
            RefuseJoin(ticket, request.MemberId, ErrorCode.InconsistentGroupProtocol);
        }
        else if (request.MemberId.Length == 0)
        {
            JoinAsNew(ticket, group, request, protocols, context, now);
        }
        else
        {
            JoinAsKnown(ticket, group, request, protocols, context, now);
        }
    }

    private void JoinAsNew(
        long ticket, ClassicGroup group, JoinGroupRequest request, IReadOnlyList<MemberProtocol> protocols, JoinContext context, CoordinatorTime now)
    {
        var memberId = $"{request.GroupInstanceId ?? context.ClientId}-{context.NewId}";
        if (request.GroupInstanceId is { } instanceId)
        {
            if (group.FindStatic(instanceId) is { } predecessor)
            {
                ReplaceStaticMember(ticket, group, predecessor, memberId, request, protocols, context, now);
            }
            else
            {
                AddMember(ticket, group, memberId, request, protocols, context, now);
            }
        }
        else if (context.RequiresKnownMemberId)
        {
            group.PendingJoins.Add(memberId);
            _timers.Schedule(SessionTimer(group.GroupId, memberId), now.MonotonicMs + request.SessionTimeoutMs);
            RefuseJoin(ticket, memberId, ErrorCode.MemberIdRequired);
        }
        else
        {
            AddMember(ticket, group, memberId, request, protocols, context, now);
        }
    }

    private void JoinAsKnown(
        long ticket, ClassicGroup group, JoinGroupRequest request, IReadOnlyList<MemberProtocol> protocols, JoinContext context, CoordinatorTime now)
    {
        if (group.PendingJoins.Contains(request.MemberId))
        {
            if (request.GroupInstanceId is not null)
            {
                // Only dynamic members are told their id first.
                RefuseJoin(ticket, request.MemberId, ErrorCode.UnknownMemberId);
                return;
            }

            AddMember(ticket, group, request.MemberId, request, protocols, context, now);
            return;
        }

        var error = group.ValidateMember(request.MemberId, request.GroupInstanceId);
        if (error != ErrorCode.None)
        {
            RefuseJoin(ticket, request.MemberId, error);
            return;
        }

        var member = group.Find(request.MemberId)!;
        var isUnchanged = member.HasSameProtocols(protocols);
        switch (group.State)
        {
            case ClassicGroupState.CompletingRebalance when isUnchanged:
                // It may have missed the answer to its first join.
                Answer(ticket, CurrentGeneration(group, member, group.Leader == member.MemberId));
                break;
            case ClassicGroupState.Stable when isUnchanged && group.Leader != member.MemberId:
                Answer(ticket, CurrentGeneration(group, member, withMembers: false));
                break;
            case ClassicGroupState.Empty:
                RefuseJoin(ticket, request.MemberId, ErrorCode.UnknownMemberId);
                break;
            default:
                // A leader that joins again wants a rebalance, because of something that only it sees.
                UpdateMember(ticket, group, member, request, protocols);
                RebalanceOrComplete(group, now);
                break;
        }
    }

    private void AddMember(
        long ticket,
        ClassicGroup group,
        string memberId,
        JoinGroupRequest request,
        IReadOnlyList<MemberProtocol> protocols,
        JoinContext context,
        CoordinatorTime now)
    {
        if (group.Members.Count == 0)
        {
            group.SetProtocolType(request.ProtocolType);
        }

        if (group is { State: ClassicGroupState.PreparingRebalance, PreviousState: ClassicGroupState.Empty })
        {
            group.NewMemberAdded = true;
        }

        var member = new ClassicMember(memberId, request.GroupInstanceId, context.ClientId, context.ClientHost, protocols)
        {
            SessionTimeoutMs = request.SessionTimeoutMs,
            RebalanceTimeoutMs = RebalanceTimeoutOf(request),
            IsNew = true,
        };
        group.Add(member, ticket);

        // A client that has gone while its join waits is not seen to go, and one that is there asks again.
        ScheduleSession(group, member, _settings.NewMemberJoinTimeoutMs, now);
        RebalanceOrComplete(group, now);
    }

    private void ReplaceStaticMember(
        long ticket,
        ClassicGroup group,
        ClassicMember predecessor,
        string memberId,
        JoinGroupRequest request,
        IReadOnlyList<MemberProtocol> protocols,
        JoinContext context,
        CoordinatorTime now)
    {
        var oldLeader = group.Leader;
        AnswerJoin(group, predecessor, new JoinGroupResponse { MemberId = predecessor.MemberId, ErrorCode = ErrorCode.FencedInstanceId });
        AnswerSync(predecessor, new SyncGroupResponse { ErrorCode = ErrorCode.FencedInstanceId });
        _timers.Cancel(SessionTimer(group.GroupId, predecessor.MemberId));
        var member = group.ReplaceStatic(predecessor, memberId);
        UpdateMember(ticket, group, member, request, protocols);
        ScheduleSession(group, member, member.SessionTimeoutMs, now);
        switch (group.State)
        {
            case ClassicGroupState.Stable when group.ProtocolName == group.SelectProtocol():
                // The new incarnation takes over what the old one had (KIP-345); nobody else notices.
                Emit(group.ToRecord(each => each.Assignment, group.StateTimestampMs ?? now.WallMs));
                var isLeader = group.Leader == memberId;
                var response = CurrentGeneration(group, member, isLeader && context.SupportsSkippingAssignment);
                response.SkipAssignment = isLeader && context.SupportsSkippingAssignment;
                if (!context.SupportsSkippingAssignment)
                {
                    // An old client that saw itself as leader would assign anew without the group rebalancing.
                    response.Leader = oldLeader ?? string.Empty;
                }

                AnswerJoin(group, member, response);
                break;
            case ClassicGroupState.CompletingRebalance:
                // The leader may be assigning to the old id already.
                PrepareRebalance(group, now);
                break;
            default:
                RebalanceOrComplete(group, now);
                break;
        }
    }

    /// <summary>A member's join waits from now on, with what it says now.</summary>
    private void UpdateMember(
        long ticket, ClassicGroup group, ClassicMember member, JoinGroupRequest request, IReadOnlyList<MemberProtocol> protocols)
    {
        group.Update(member, protocols, request.SessionTimeoutMs, RebalanceTimeoutOf(request));
        if (group.SetJoinTicket(member, ticket) is { } earlier)
        {
            // The member gave up on its earlier request.
            RefuseJoin(earlier, member.MemberId, ErrorCode.RebalanceInProgress);
        }
    }

    private bool HasRoomFor(ClassicGroup group, string memberId) => group.State switch
    {
        ClassicGroupState.PreparingRebalance => group.Find(memberId)?.JoinTicket is not null || group.AwaitingJoinCount < _settings.MaxSize,
        ClassicGroupState.CompletingRebalance or ClassicGroupState.Stable => group.Find(memberId) is not null || group.Members.Count < _settings.MaxSize,
        _ => true,
    };

    private void RefuseJoin(long ticket, string memberId, ErrorCode error)
        => Answer(ticket, new JoinGroupResponse { MemberId = memberId, ErrorCode = error });

    private static int RebalanceTimeoutOf(JoinGroupRequest request)
        => request.RebalanceTimeoutMs < 0 ? request.SessionTimeoutMs : request.RebalanceTimeoutMs;

    private static JoinGroupResponse CurrentGeneration(ClassicGroup group, ClassicMember member, bool withMembers)
    {
        var response = new JoinGroupResponse
        {
            GenerationId = group.Generation,
            ProtocolType = group.ProtocolType,
            ProtocolName = group.ProtocolName,
            Leader = group.Leader ?? string.Empty,
            MemberId = member.MemberId,
        };
        if (withMembers)
        {
            response.Members.AddRange(group.Members.Select(each => new JoinGroupResponse.JoinGroupResponseMember
            {
                MemberId = each.MemberId,
                GroupInstanceId = each.InstanceId,
                Metadata = each.MetadataOf(group.ProtocolName),
            }));
        }

        return response;
    }
}
