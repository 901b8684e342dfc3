using System.Collections.Immutable;
using OrleansStream.Core.Groups.Classic;
using OrleansStream.Core.Groups.Consumers;
using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <content>A group goes from one protocol to the other while its members are restarted one by one.</content>
public sealed partial class GroupCoordinator
{
    private bool CanUpgrade(ClassicGroup group)
        => _settings.AllowsUpgrade
            && group.ProtocolType == ClassicGroup.ConsumerProtocolType
            && group.Members.Count < _settings.ConsumerMaxSize
            && TryConvertMembers(group) is not null;

    private bool CanDowngrade(ConsumerGroup group, string leavingMemberId, int remaining)
        => _settings.AllowsDowngrade
            && remaining > 0
            && remaining <= _settings.MaxSize
            && group.IsLastOfConsumerProtocol(leavingMemberId);

    /// <summary>The consumer group of an id: a new one, or what becomes of a classic group when the first member of the consumer protocol joins it.</summary>
    private ConsumerGroup BecomeConsumerGroup(string groupId, CoordinatorTime now)
    {
        if (_groups.GetValueOrDefault(groupId) is not ClassicGroup classic)
        {
            return ConsumerGroupFor(groupId);
        }

        var members = classic.IsEmpty ? [] : TryConvertMembers(classic)!;
        foreach (var member in classic.Members)
        {
            AnswerJoin(classic, member, new JoinGroupResponse { MemberId = member.MemberId, ErrorCode = ErrorCode.RebalanceInProgress });
            AnswerSync(member, new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        }

        Emit(new CoordinatorRecord(new GroupMetadataKey { Group = groupId }, null));
        foreach (var member in members)
        {
            Emit(ConsumerRecords.Member(groupId, member));
        }

        if (members.Count > 0)
        {
            Emit(ConsumerRecords.GroupEpoch(groupId, classic.Generation));
            foreach (var member in members)
            {
                Emit(ConsumerRecords.Target(groupId, member.MemberId, member.Assigned));
            }

            Emit(ConsumerRecords.TargetEpoch(groupId, classic.Generation));
            foreach (var member in members)
            {
                Emit(ConsumerRecords.Current(groupId, member));
                _timers.Schedule(SessionTimer(groupId, member.MemberId), now.MonotonicMs + member.Classic!.SessionTimeoutMs);
            }
        }

        return ConsumerGroupFor(groupId);
    }

    /// <summary>The members of a classic group as those of a consumer group; null if one cannot be understood.</summary>
    private List<ConsumerMember>? TryConvertMembers(ClassicGroup group)
    {
        try
        {
            // One that forms its first generation follows none yet.
            var protocol = group.ProtocolName ?? (group.Members.Count > 0 ? group.SelectProtocol() : null);
            var taken = new HashSet<(Guid, int)>();
            return [.. group.Members.Select(member => ConvertMember(group.Generation, protocol, member, taken))];
        }
        catch (KafkaProtocolException)
        {
            return null;
        }
    }

    private ConsumerMember ConvertMember(int generation, string? protocol, ClassicMember member, HashSet<(Guid Topic, int Partition)> taken)
    {
        var subscription = ConsumerEmbeddedProtocol.ReadSubscription(member.MetadataOf(protocol));
        return new ConsumerMember(member.MemberId)
        {
            InstanceId = member.InstanceId,
            RackId = subscription.RackId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            RebalanceTimeoutMs = member.RebalanceTimeoutMs,
            TopicNames = subscription.Topics.ToImmutableSortedSet(StringComparer.Ordinal),
            Classic = new ClassicTraits(member.SessionTimeoutMs, member.Protocols),
            Epoch = generation,
            PreviousEpoch = generation,

            // An assignor of the clients' own may have given one partition to several.
            Assigned = PartitionSet.Of(ConsumerEmbeddedProtocol.ReadAssignment(member.Assignment)
                .SelectMany(topic => topic.Partitions.Select(partition => (Topic: _topics.Find(topic.Topic), Partition: partition)))
                .Where(partition => partition.Topic is not null)
                .Select(partition => (partition.Topic!.Value.Id, partition.Partition))
                .Where(taken.Add)),
        };
    }

    /// <summary>The group goes on as a classic one, with the assignment that it has.</summary>
    /// <param name="group">The group.</param>
    /// <param name="leaving">The last member of the consumer protocol.</param>
    /// <param name="joining">The classic member that takes the leaving one's place; null if nobody does.</param>
    /// <param name="now">The time.</param>
    private void BecomeClassicGroup(ConsumerGroup group, ConsumerMember leaving, ConsumerMember? joining, CoordinatorTime now)
    {
        var classic = new ClassicGroup(group.GroupId);
        var assignments = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var member in group.Members.Where(member => member.Classic is not null && member.MemberId != leaving.MemberId))
        {
            if (classic.Members.Count == 0)
            {
                classic.SetProtocolType(ClassicGroup.ConsumerProtocolType);
            }

            classic.Add(
                new ClassicMember(member.MemberId, member.InstanceId, member.ClientId, member.ClientHost, member.Classic!.Protocols)
                {
                    SessionTimeoutMs = member.Classic.SessionTimeoutMs,
                    RebalanceTimeoutMs = member.RebalanceTimeoutMs,
                },
                null);
            assignments[member.MemberId] = ClassicAssignment(group, group.TargetOf(member.MemberId), member.Classic.ProtocolVersion);
        }

        var isReconciled = group.GroupEpoch == group.AssignmentEpoch && group.Members.All(member => member.IsReconciledTo(group.AssignmentEpoch));
        classic.Adopt(group.GroupEpoch);
        foreach (var member in group.Members)
        {
            CancelTimers(group, member.MemberId);
        }

        EmitConsumerGroupTombstones(group);
        _groups[group.GroupId] = classic;

        // The partitions of the one that leaves are to be assigned, and the target may give away what somebody still has.
        var mustRebalance = joining is null || !isReconciled;
        Emit(classic.ToRecord(member => assignments[member.MemberId], now.WallMs, mustRebalance));
        foreach (var member in classic.Members)
        {
            ScheduleSession(classic, member, member.SessionTimeoutMs, now);
        }

        if (mustRebalance)
        {
            PrepareRebalance(classic, now);
        }
    }

    private static byte[] ClassicAssignment(ConsumerGroup group, PartitionSet partitions, short version)
        => ConsumerEmbeddedProtocol.WriteAssignment(
            partitions.ByTopic()
                .Select(topic => (Topic: group.NameOf(topic.Topic), topic.Partitions))
                .Where(topic => topic.Topic is not null)
                .Select(topic => (topic.Topic!, topic.Partitions)),
            version);
}
