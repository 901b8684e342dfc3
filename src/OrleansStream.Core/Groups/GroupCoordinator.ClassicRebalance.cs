using OrleansStream.Core.Groups.Classic;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <content>How a group of the classic protocol comes to its next generation.</content>
public sealed partial class GroupCoordinator
{
    private void RebalanceOrComplete(ClassicGroup group, CoordinatorTime now)
    {
        if (group.CanRebalance)
        {
            PrepareRebalance(group, now);
        }
        else
        {
            CompleteJoinIfAllJoined(group, now);
        }
    }

    /// <summary>Members are to join again, which their heartbeats tell them.</summary>
    private void PrepareRebalance(ClassicGroup group, CoordinatorTime now)
    {
        if (group.State == ClassicGroupState.CompletingRebalance)
        {
            foreach (var member in group.Members)
            {
                member.Assignment = default;
                if (AnswerSync(member, new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress }))
                {
                    ScheduleSession(group, member, member.SessionTimeoutMs, now);
                }
            }
        }

        group.PendingSyncs.Clear();
        _timers.Cancel(SyncTimer(group.GroupId));
        var isInitial = group.State == ClassicGroupState.Empty;
        group.TransitionTo(ClassicGroupState.PreparingRebalance, now.WallMs);
        if (isInitial)
        {
            // More members are probably on their way (KIP-134).
            var delay = _settings.InitialRebalanceDelayMs;
            group.NewMemberAdded = false;
            group.InitialDelay = (delay, Math.Max(group.RebalanceTimeoutMs - delay, 0));
            _timers.Schedule(JoinTimer(group.GroupId), now.MonotonicMs + delay);
        }
        else if (group.HasAllJoined)
        {
            CompleteJoin(group, now);
        }
        else
        {
            group.InitialDelay = null;
            _timers.Schedule(JoinTimer(group.GroupId), now.MonotonicMs + group.RebalanceTimeoutMs);
        }
    }

    private void CompleteJoinIfAllJoined(ClassicGroup group, CoordinatorTime now)
    {
        // The first rebalance ends with its delay only.
        if (group.State == ClassicGroupState.PreparingRebalance && group.InitialDelay is null && group.HasAllJoined)
        {
            CompleteJoin(group, now);
        }
    }

    private void ExpireJoin(ClassicGroup group, CoordinatorTime now)
    {
        if (group.State != ClassicGroupState.PreparingRebalance)
        {
            return;
        }

        if (group.InitialDelay is { RemainingMs: > 0, DelayMs: > 0 } initial && group.NewMemberAdded)
        {
            var delay = Math.Min(_settings.InitialRebalanceDelayMs, initial.RemainingMs);
            group.NewMemberAdded = false;
            group.InitialDelay = (delay, Math.Max(initial.RemainingMs - initial.DelayMs, 0));
            _timers.Schedule(JoinTimer(group.GroupId), now.MonotonicMs + delay);
            return;
        }

        CompleteJoin(group, now);
    }

    /// <summary>Forms the generation of those that have joined; static members may be away.</summary>
    private void CompleteJoin(ClassicGroup group, CoordinatorTime now)
    {
        group.InitialDelay = null;
        _timers.Cancel(JoinTimer(group.GroupId));
        foreach (var absent in group.Members.Where(member => member is { JoinTicket: null, InstanceId: null }).ToList())
        {
            group.Remove(absent.MemberId);
            _timers.Cancel(SessionTimer(group.GroupId, absent.MemberId));
        }

        if (group.Members.Count > 0 && !group.ElectJoinedLeader())
        {
            // Only static members, and none has joined: wait until one does or its session is over.
            _timers.Schedule(JoinTimer(group.GroupId), now.MonotonicMs + group.RebalanceTimeoutMs);
            return;
        }

        group.BeginGeneration(now.WallMs);
        if (group.IsEmpty)
        {
            Emit(group.ToRecord(_ => default, now.WallMs));
            return;
        }

        foreach (var member in group.Members)
        {
            AnswerJoin(group, member, CurrentGeneration(group, member, group.Leader == member.MemberId));
            ScheduleSession(group, member, member.SessionTimeoutMs, now);
            member.IsNew = false;
            group.PendingSyncs.Add(member.MemberId);
        }

        _timers.Schedule(SyncTimer(group.GroupId), now.MonotonicMs + group.RebalanceTimeoutMs);
    }

    private void ExpireSync(ClassicGroup group, CoordinatorTime now)
    {
        if (group.State is not (ClassicGroupState.CompletingRebalance or ClassicGroupState.Stable) || group.PendingSyncs.Count == 0)
        {
            return;
        }

        foreach (var memberId in group.PendingSyncs.ToList())
        {
            group.Remove(memberId);
            _timers.Cancel(SessionTimer(group.GroupId, memberId));
        }

        PrepareRebalance(group, now);
    }

    private void ExpireSession(ClassicGroup group, string memberId, CoordinatorTime now)
    {
        if (group.PendingJoins.Contains(memberId))
        {
            group.Remove(memberId);
            CompleteJoinIfAllJoined(group, now);
        }
        else if (group.Find(memberId) is { IsAliveByWaiting: false } member)
        {
            RemoveMember(group, member, now);
            AfterMembersLeft(group, now);
        }
    }

    /// <summary>Takes a member out; the caller then lets the group go on.</summary>
    private void RemoveMember(ClassicGroup group, ClassicMember member, CoordinatorTime now)
    {
        // The client may be there still: it is to join anew.
        AnswerJoin(group, member, new JoinGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
        AnswerSync(member, new SyncGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
        _timers.Cancel(SessionTimer(group.GroupId, member.MemberId));
        group.Remove(member.MemberId);
    }

    private void AfterMembersLeft(ClassicGroup group, CoordinatorTime now)
    {
        if (group.State is ClassicGroupState.Stable or ClassicGroupState.CompletingRebalance)
        {
            PrepareRebalance(group, now);
        }
        else
        {
            CompleteJoinIfAllJoined(group, now);
        }
    }

    private void AnswerJoin(ClassicGroup group, ClassicMember member, JoinGroupResponse response)
    {
        if (group.SetJoinTicket(member, null) is { } ticket)
        {
            Answer(ticket, response);
        }
    }

    private bool AnswerSync(ClassicMember member, SyncGroupResponse response)
    {
        if (member.SyncTicket is not { } ticket)
        {
            return false;
        }

        member.SyncTicket = null;
        Answer(ticket, response);
        return true;
    }

    private void ScheduleSession(ClassicGroup group, ClassicMember member, int timeoutMs, CoordinatorTime now)
        => _timers.Schedule(SessionTimer(group.GroupId, member.MemberId), now.MonotonicMs + timeoutMs);

    private void CancelTimers(ClassicGroup group)
    {
        _timers.Cancel(JoinTimer(group.GroupId));
        _timers.Cancel(SyncTimer(group.GroupId));
        foreach (var memberId in group.Members.Select(member => member.MemberId).Concat(group.PendingJoins))
        {
            _timers.Cancel(SessionTimer(group.GroupId, memberId));
        }
    }

    private static GroupTimer SessionTimer(string groupId, string memberId) => new(GroupTimerKind.Session, groupId, memberId);

    private static GroupTimer JoinTimer(string groupId) => new(GroupTimerKind.Join, groupId, string.Empty);

    private static GroupTimer SyncTimer(string groupId) => new(GroupTimerKind.Sync, groupId, string.Empty);
}
