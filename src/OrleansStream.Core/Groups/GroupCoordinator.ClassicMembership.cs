using OrleansStream.Core.Groups.Classic;
using OrleansStream.Core.Groups.Consumers;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <content>What members of the classic protocol do between joins.</content>
public sealed partial class GroupCoordinator
{
    /// <summary>Takes the leader's assignment, and answers members with theirs. The answer may come later.</summary>
    public GroupEffects Sync(long ticket, SyncGroupRequest request, CoordinatorTime now)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.GroupId.Length == 0)
        {
            Answer(ticket, new SyncGroupResponse { ErrorCode = ErrorCode.InvalidGroupId });
        }
        else
        {
            switch (_groups.GetValueOrDefault(request.GroupId))
            {
                case ClassicGroup { IsEmpty: false } classic:
                    SyncClassicGroup(ticket, classic, request, now);
                    break;
                case ConsumerGroup { IsEmpty: false } consumers:
                    SyncConsumerGroup(ticket, consumers, request, now);
                    break;
                default:
                    Answer(ticket, new SyncGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
                    break;
            }
        }

        return TakeEffects();
    }

    /// <summary>Keeps a member's session alive.</summary>
    public GroupEffects Heartbeat(long ticket, HeartbeatRequest request, CoordinatorTime now)
    {
        ArgumentNullException.ThrowIfNull(request);
        var error = request.GroupId.Length == 0 ? ErrorCode.InvalidGroupId
            : _groups.GetValueOrDefault(request.GroupId) switch
            {
                ClassicGroup classic => HeartbeatClassicGroup(classic, request, now),
                ConsumerGroup consumers => HeartbeatConsumerGroup(consumers, request, now),
                _ => ErrorCode.UnknownMemberId,
            };
        Answer(ticket, new HeartbeatResponse { ErrorCode = error }, showsState: false);
        return TakeEffects();
    }

    /// <summary>Takes members out of their group.</summary>
    public GroupEffects Leave(long ticket, LeaveGroupRequest request, CoordinatorTime now)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = new LeaveGroupResponse();
        if (request.GroupId.Length == 0)
        {
            response.ErrorCode = ErrorCode.InvalidGroupId;
        }
        else
        {
            var left = false;
            foreach (var identity in request.Members)
            {
                // A group of the consumer protocol may become a classic one between two members.
                var group = _groups.GetValueOrDefault(request.GroupId);
                var error = group switch
                {
                    ClassicGroup classic => LeaveClassicGroup(classic, identity, now),
                    ConsumerGroup consumers => LeaveConsumerGroup(consumers, identity, now),
                    _ => ErrorCode.UnknownMemberId,
                };
                left |= error == ErrorCode.None && group is ClassicGroup;
                response.Members.Add(new LeaveGroupResponse.MemberResponse
                {
                    MemberId = identity.MemberId,
                    GroupInstanceId = identity.GroupInstanceId,
                    ErrorCode = error,
                });
            }

            if (left)
            {
                AfterMembersLeft((ClassicGroup)_groups[request.GroupId], now);
            }
        }

        Answer(ticket, response);
        return TakeEffects();
    }

    private void SyncClassicGroup(long ticket, ClassicGroup group, SyncGroupRequest request, CoordinatorTime now)
    {
        var error = ValidateSync(group, request);
        if (error != ErrorCode.None)
        {
            Answer(ticket, new SyncGroupResponse { ErrorCode = error });
            return;
        }

        var member = group.Find(request.MemberId)!;
        switch (group.State)
        {
            case ClassicGroupState.PreparingRebalance:
                Answer(ticket, new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress });
                break;
            case ClassicGroupState.CompletingRebalance:
                AnswerSync(member, new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress });
                member.SyncTicket = ticket;
                MemberHasSynced(group, member);
                if (group.Leader == member.MemberId)
                {
                    StoreAssignment(group, request, now);
                }

                break;
            default:
                // From here on it counts on its assignment for a whole session, even if it was slow to ask.
                ScheduleSession(group, member, member.SessionTimeoutMs, now);
                MemberHasSynced(group, member);
                Answer(ticket, AssignmentOf(group, member));
                break;
        }
    }

    private static ErrorCode ValidateSync(ClassicGroup group, SyncGroupRequest request)
    {
        var error = group.ValidateMember(request.MemberId, request.GroupInstanceId);
        return error != ErrorCode.None ? error
            : request.GenerationId != group.Generation ? ErrorCode.IllegalGeneration
            : (request.ProtocolType is { } type && type != group.ProtocolType)
                || (request.ProtocolName is { } name && name != group.ProtocolName) ? ErrorCode.InconsistentGroupProtocol
            : ErrorCode.None;
    }

    private void MemberHasSynced(ClassicGroup group, ClassicMember member)
    {
        group.PendingSyncs.Remove(member.MemberId);
        if (group.PendingSyncs.Count == 0)
        {
            _timers.Cancel(SyncTimer(group.GroupId));
        }
    }

    /// <summary>Stores the leader's assignment, which makes the group stable, and answers all who wait for it.</summary>
    private void StoreAssignment(ClassicGroup group, SyncGroupRequest request, CoordinatorTime now)
    {
        var assignments = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var assignment in request.Assignments)
        {
            assignments[assignment.MemberId] = assignment.Assignment;
        }

        Emit(group.ToRecord(member => assignments.GetValueOrDefault(member.MemberId), now.WallMs));
        foreach (var member in group.Members)
        {
            if (AnswerSync(member, AssignmentOf(group, member)))
            {
                // Its session was not watched while it waited.
                ScheduleSession(group, member, member.SessionTimeoutMs, now);
            }
        }
    }

    private static SyncGroupResponse AssignmentOf(ClassicGroup group, ClassicMember member)
        => new() { ProtocolType = group.ProtocolType, ProtocolName = group.ProtocolName, Assignment = member.Assignment };

    private ErrorCode HeartbeatClassicGroup(ClassicGroup group, HeartbeatRequest request, CoordinatorTime now)
    {
        var error = group.ValidateMember(request.MemberId, request.GroupInstanceId);
        if (error != ErrorCode.None)
        {
            return error;
        }

        if (request.GenerationId != group.Generation)
        {
            return ErrorCode.IllegalGeneration;
        }

        var member = group.Find(request.MemberId)!;
        ScheduleSession(group, member, member.SessionTimeoutMs, now);
        return group.State == ClassicGroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    private ErrorCode LeaveClassicGroup(ClassicGroup group, LeaveGroupRequest.MemberIdentity identity, CoordinatorTime now)
    {
        if (identity.MemberId.Length == 0)
        {
            // An administrator removes a static member, of which it knows nothing else.
            if (identity.GroupInstanceId is not { } instanceId || group.FindStatic(instanceId) is not { } found)
            {
                return ErrorCode.UnknownMemberId;
            }

            RemoveMember(group, found, now);
            return ErrorCode.None;
        }

        if (group.PendingJoins.Contains(identity.MemberId))
        {
            group.Remove(identity.MemberId);
            _timers.Cancel(SessionTimer(group.GroupId, identity.MemberId));
            return ErrorCode.None;
        }

        var error = group.ValidateMember(identity.MemberId, identity.GroupInstanceId);
        if (error == ErrorCode.None)
        {
            RemoveMember(group, group.Find(identity.MemberId)!, now);
        }

        return error;
    }
}
