using OrleansStream.Core.Groups.Consumers;

namespace OrleansStream.Core.Groups;

/// <content>How a group of the consumer protocol comes to its assignment.</content>
public sealed partial class GroupCoordinator
{
    private readonly TopicPatterns _patterns = new();
    private IGroupTopics _topics = NoTopics.Instance;

    /// <summary>Tells the topics of the cluster, when they have changed. Groups take it up with their members' next heartbeats.</summary>
    public void SetTopics(IGroupTopics topics) => _topics = topics ?? throw new ArgumentNullException(nameof(topics));

    /// <summary>
    /// Takes in what a member says of itself and brings it nearer to its target: stores the member if it has changed, moves the group's epoch if
    /// subscriptions or topics have, makes a new target for a new epoch, and reconciles the member.
    /// </summary>
    private ConsumerMember UpdateConsumerMember(
        ConsumerGroup group, ConsumerMember? before, ConsumerMember after, PartitionSet? owned, CoordinatorTime now)
    {
        var bump = before is null || !after.HasSameSubscription(before);
        if (before is null || !after.HasSameMetadata(before))
        {
            Emit(ConsumerRecords.Member(group.GroupId, after));
        }

        RefreshGroup(group, bump);
        if (group.GroupEpoch > group.AssignmentEpoch)
        {
            MakeTarget(group);
        }

        return Reconcile(group, group.Find(after.MemberId)!, owned, now);
    }

    /// <summary>Looks at the topics again, if the members' subscriptions or the cluster's topics have changed.</summary>
    private void RefreshGroup(ConsumerGroup group, bool bump)
    {
        if (!bump && ReferenceEquals(group.RefreshedFrom, _topics))
        {
            return;
        }

        group.RefreshedFrom = _topics;
        var topics = new Dictionary<string, GroupTopic>(StringComparer.Ordinal);
        foreach (var name in group.Members.SelectMany(SubscribedNames).Distinct(StringComparer.Ordinal))
        {
            if (_topics.Find(name) is { } topic)
            {
                topics[name] = topic;
            }
        }

        var isSame = topics.Count == group.Subscription.Count
            && topics.All(topic => group.Subscription.TryGetValue(topic.Key, out var known) && known == topic.Value);
        if (!isSame)
        {
            Emit(ConsumerRecords.Subscription(group.GroupId, topics));
        }

        if (bump || !isSame)
        {
            Emit(ConsumerRecords.GroupEpoch(group.GroupId, group.GroupEpoch + 1));
        }
    }

    private IEnumerable<string> SubscribedNames(ConsumerMember member)
        => member.TopicRegex is { } pattern
            ? member.TopicNames.Concat(_topics.Names.Where(name => _patterns.IsMatch(pattern, name)))
            : member.TopicNames;

    /// <summary>Assigns everything anew for the group's epoch.</summary>
    private void MakeTarget(ConsumerGroup group)
    {
        var topics = group.Subscription.Values.ToDictionary(topic => topic.Id, topic => topic.PartitionCount);
        var subscribers = group.Members
            .Select(member => (member.MemberId, Topics: (IReadOnlySet<Guid>)SubscribedNames(member)
                .Where(group.Subscription.ContainsKey)
                .Select(name => group.Subscription[name].Id)
                .ToHashSet()))
            .ToList();
        var targets = ServerAssignors.Assign(
            group.PreferredAssignor() ?? _settings.ConsumerAssignors[0], topics, subscribers, group.TargetOf);
        foreach (var (memberId, _) in subscribers)
        {
            var target = targets.GetValueOrDefault(memberId, PartitionSet.Empty);
            if (!group.HasTarget(memberId) || !target.Equals(group.TargetOf(memberId)))
            {
                Emit(ConsumerRecords.Target(group.GroupId, memberId, target));
            }
        }

        Emit(ConsumerRecords.TargetEpoch(group.GroupId, group.GroupEpoch));
    }

    private ConsumerMember Reconcile(ConsumerGroup group, ConsumerMember member, PartitionSet? owned, CoordinatorTime now)
    {
        if (member.IsReconciledTo(group.AssignmentEpoch))
        {
            return member;
        }

        var next = Reconciliation.Next(member, group, owned);
        if (next == member)
        {
            return member;
        }

        Emit(ConsumerRecords.Current(group.GroupId, next));
        if (next.Classic is null)
        {
            var timer = MemberTimer(GroupTimerKind.Revocation, group, next.MemberId);
            if (next.State == ConsumerMemberState.UnrevokedPartitions)
            {
                _timers.Schedule(timer, now.MonotonicMs + next.RebalanceTimeoutMs);
            }
            else
            {
                _timers.Cancel(timer);
            }
        }

        return group.Find(next.MemberId)!;
    }

    /// <summary>A member leaves, or is put out. If only classic members remain, the group becomes a classic one again.</summary>
    private void RemoveConsumerMember(ConsumerGroup group, ConsumerMember member, CoordinatorTime now)
    {
        CancelTimers(group, member.MemberId);
        if (CanDowngrade(group, member.MemberId, group.Members.Count - 1))
        {
            BecomeClassicGroup(group, member, joining: null, now);
            return;
        }

        EmitMemberTombstones(group, member.MemberId);
        RefreshGroup(group, bump: true);
    }

    /// <summary>A static member's next incarnation takes over what it had.</summary>
    private void ReplaceConsumerMember(ConsumerGroup group, ConsumerMember predecessor, string memberId)
    {
        var target = group.TargetOf(predecessor.MemberId);
        var member = predecessor with { MemberId = memberId, Epoch = 0, PreviousEpoch = 0 };
        CancelTimers(group, predecessor.MemberId);
        EmitMemberTombstones(group, predecessor.MemberId);
        Emit(ConsumerRecords.Member(group.GroupId, member));
        Emit(ConsumerRecords.Target(group.GroupId, memberId, target));
        Emit(ConsumerRecords.Current(group.GroupId, member));
    }

    private void EmitMemberTombstones(ConsumerGroup group, string memberId)
    {
        Emit(ConsumerRecords.CurrentTombstone(group.GroupId, memberId));
        Emit(ConsumerRecords.Target(group.GroupId, memberId, null));
        Emit(ConsumerRecords.MemberTombstone(group.GroupId, memberId));
    }

    private void EmitConsumerGroupTombstones(ConsumerGroup group)
    {
        foreach (var memberId in group.Members.Select(member => member.MemberId).ToList())
        {
            EmitMemberTombstones(group, memberId);
        }

        Emit(ConsumerRecords.TargetEpoch(group.GroupId, null));
        Emit(ConsumerRecords.Subscription(group.GroupId, null));
        Emit(ConsumerRecords.GroupEpoch(group.GroupId, null));
    }

    private void ExpireConsumerMember(ConsumerGroup group, GroupTimer timer, CoordinatorTime now)
    {
        if (group.Find(timer.MemberId) is { } member
            && (timer.Kind != GroupTimerKind.Revocation || member.State == ConsumerMemberState.UnrevokedPartitions))
        {
            RemoveConsumerMember(group, member, now);
        }
    }

    /// <summary>Sessions begin anew with a new coordinator, and so does the time that members have to give partitions up.</summary>
    private void ScheduleAll(ConsumerGroup group, CoordinatorTime now)
    {
        foreach (var member in group.Members)
        {
            _timers.Schedule(
                SessionTimer(group.GroupId, member.MemberId),
                now.MonotonicMs + (member.Classic?.SessionTimeoutMs ?? _settings.ConsumerSessionTimeoutMs));
            if (member is { State: ConsumerMemberState.UnrevokedPartitions, Classic: null })
            {
                _timers.Schedule(MemberTimer(GroupTimerKind.Revocation, group, member.MemberId), now.MonotonicMs + member.RebalanceTimeoutMs);
            }
        }
    }

    private void CancelTimers(ConsumerGroup group, string memberId)
    {
        _timers.Cancel(SessionTimer(group.GroupId, memberId));
        _timers.Cancel(MemberTimer(GroupTimerKind.Revocation, group, memberId));
        _timers.Cancel(MemberTimer(GroupTimerKind.MemberJoin, group, memberId));
        _timers.Cancel(MemberTimer(GroupTimerKind.MemberSync, group, memberId));
    }

    private static GroupTimer MemberTimer(GroupTimerKind kind, Group group, string memberId) => new(kind, group.GroupId, memberId);
}
