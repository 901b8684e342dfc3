using OrleansStream.Core.Groups.Classic;
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
        else if (_groups.GetValueOrDefault(request.GroupId) is not ClassicGroup { IsEmpty: false } group)
        {
            Answer(ticket, new SyncGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
        }
        else
        {
            SyncClassicGroup(ticket, group, request, now);
        }

        return TakeEffects();
    }

    /// <summary>Keeps a member's session alive.</summary>
    public GroupEffects Heartbeat(long ticket, HeartbeatRequest request, CoordinatorTime now)
    {
        ArgumentNullException.ThrowIfNull(request);
        var error = request.GroupId.Length == 0 ? ErrorCode.InvalidGroupId
            : _groups.GetValueOrDefault(request.GroupId) is ClassicGroup group ? HeartbeatClassicGroup(group, request, now)
            : ErrorCode.UnknownMemberId;
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
            var group = _groups.GetValueOrDefault(request.GroupId) as ClassicGroup;
            foreach (var identity in request.Members)
            {
                response.Members.Add(new LeaveGroupResponse.MemberResponse
                {
                    MemberId = identity.MemberId,
                    GroupInstanceId = identity.GroupInstanceId,
                    ErrorCode = group is null ? ErrorCode.UnknownMemberId : LeaveClassicGroup(group, identity, now),
                });
            }

            if (group is not null && response.Members.Any(member => member.ErrorCode == ErrorCode.None))
            {
                AfterMembersLeft(group, now);
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
