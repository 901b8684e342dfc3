using OrleansStream.Core.Groups.Classic;
using OrleansStream.Core.Groups.Consumers;
using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <content>What tools ask.</content>
public sealed partial class GroupCoordinator
{
    /// <summary>Groups of the classic protocol. One that is not here is described as Dead.</summary>
    public GroupEffects Describe(long ticket, IReadOnlyList<string> groupIds)
    {
        ArgumentNullException.ThrowIfNull(groupIds);
        var response = new DescribeGroupsResponse();
        response.Groups.AddRange(groupIds.Select(groupId => _groups.GetValueOrDefault(groupId) is ClassicGroup group
            ? DescribeClassicGroup(group)
            : new DescribeGroupsResponse.DescribedGroup { GroupId = groupId, GroupState = nameof(ClassicGroupState.Dead) }));
        Answer(ticket, response);
        return TakeEffects();
    }

    /// <summary>Groups of the consumer protocol.</summary>
    public GroupEffects DescribeConsumers(long ticket, IReadOnlyList<string> groupIds)
    {
        ArgumentNullException.ThrowIfNull(groupIds);
        var response = new ConsumerGroupDescribeResponse();
        response.Groups.AddRange(groupIds.Select(groupId => _groups.GetValueOrDefault(groupId) switch
        {
            ConsumerGroup group => DescribeConsumerGroup(group),
            null => new ConsumerGroupDescribeResponse.DescribedGroup
            {
                GroupId = groupId,
                ErrorCode = ErrorCode.GroupIdNotFound,
                ErrorMessage = $"Group {groupId} not found.",
            },
            _ => new ConsumerGroupDescribeResponse.DescribedGroup
            {
                GroupId = groupId,
                ErrorCode = ErrorCode.GroupIdNotFound,
                ErrorMessage = $"Group {groupId} is not a consumer group.",
            },
        }));
        Answer(ticket, response);
        return TakeEffects();
    }

    /// <summary>All groups, or those in one of some states and of one of some types, in whatever case these are written.</summary>
    public GroupEffects List(long ticket, IReadOnlyList<string> states, IReadOnlyList<string> types)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(types);
        var response = new ListGroupsResponse();
        response.Groups.AddRange(_groups.Values
            .Where(group => states.Count == 0 || states.Contains(group.StateName, StringComparer.OrdinalIgnoreCase))
            .Where(group => types.Count == 0 || types.Contains(group.TypeName, StringComparer.OrdinalIgnoreCase))
            .OrderBy(group => group.GroupId, StringComparer.Ordinal)
            .Select(group => new ListGroupsResponse.ListedGroup
            {
                GroupId = group.GroupId,
                ProtocolType = group.ProtocolTypeName,
                GroupState = group.StateName,
                GroupType = group.TypeName,
            }));
        Answer(ticket, response);
        return TakeEffects();
    }

    /// <summary>Deletes groups without members, and their offsets.</summary>
    public GroupEffects Delete(long ticket, IReadOnlyList<string> groupIds)
    {
        ArgumentNullException.ThrowIfNull(groupIds);
        var response = new DeleteGroupsResponse();
        foreach (var groupId in groupIds)
        {
            response.Results.Add(new DeleteGroupsResponse.DeletableGroupResult { GroupId = groupId, ErrorCode = DeleteGroup(groupId) });
        }

        Answer(ticket, response);
        return TakeEffects() with { MayBeParted = true };
    }

    private ErrorCode DeleteGroup(string groupId)
    {
        if (!_groups.TryGetValue(groupId, out var group))
        {
            return ErrorCode.GroupIdNotFound;
        }

        if (!group.IsEmpty)
        {
            return ErrorCode.NonEmptyGroup;
        }

        if (_offsets.TryGetValue(groupId, out var offsets))
        {
            foreach (var (topic, partition) in offsets.Topics.SelectMany(topic => topic.Value.Keys.Select(key => (topic.Key, key))).Order().ToList())
            {
                EmitOffsetTombstone(groupId, topic, partition);
            }
        }

        EmitGroupTombstones(group);
        return ErrorCode.None;
    }

    private void EmitGroupTombstones(Group group)
    {
        if (group is ConsumerGroup consumers)
        {
            EmitConsumerGroupTombstones(consumers);
        }
        else
        {
            Emit(new CoordinatorRecord(new GroupMetadataKey { Group = group.GroupId }, null));
        }
    }

    private ConsumerGroupDescribeResponse.DescribedGroup DescribeConsumerGroup(ConsumerGroup group)
    {
        var described = new ConsumerGroupDescribeResponse.DescribedGroup
        {
            GroupId = group.GroupId,
            GroupState = group.StateName,
            GroupEpoch = group.GroupEpoch,
            AssignmentEpoch = group.AssignmentEpoch,
            AssignorName = group.PreferredAssignor() ?? _settings.ConsumerAssignors[0],
        };
        described.Members.AddRange(group.Members.Select(member => new ConsumerGroupDescribeResponse.Member
        {
            MemberId = member.MemberId,
            InstanceId = member.InstanceId,
            RackId = member.RackId,
            MemberEpoch = member.Epoch,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            SubscribedTopicNames = [.. member.TopicNames],
            SubscribedTopicRegex = member.TopicRegex,
            Assignment = Described(group, member.Assigned),
            TargetAssignment = Described(group, group.TargetOf(member.MemberId)),
            MemberType = member.Classic is null ? (sbyte)1 : (sbyte)0,
        }));
        return described;
    }

    private static ConsumerGroupDescribeResponse.AssignmentValue Described(ConsumerGroup group, PartitionSet partitions)
    {
        var assignment = new ConsumerGroupDescribeResponse.AssignmentValue();
        assignment.TopicPartitions.AddRange(partitions.ByTopic().Select(topic => new ConsumerGroupDescribeResponse.TopicPartitionsValue
        {
            TopicId = topic.Topic,
            TopicName = group.NameOf(topic.Topic) ?? string.Empty,
            Partitions = topic.Partitions,
        }));
        return assignment;
    }

    private static DescribeGroupsResponse.DescribedGroup DescribeClassicGroup(ClassicGroup group)
    {
        var isStable = group.State == ClassicGroupState.Stable;
        var described = new DescribeGroupsResponse.DescribedGroup
        {
            GroupId = group.GroupId,
            GroupState = group.StateName,
            ProtocolType = group.ProtocolTypeName,
            ProtocolData = isStable ? group.ProtocolName ?? string.Empty : string.Empty,
        };
        described.Members.AddRange(group.Members.Select(member => new DescribeGroupsResponse.DescribedGroupMember
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.InstanceId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            MemberMetadata = isStable ? member.MetadataOf(group.ProtocolName) : default,
            MemberAssignment = member.Assignment,
        }));
        return described;
    }
}
