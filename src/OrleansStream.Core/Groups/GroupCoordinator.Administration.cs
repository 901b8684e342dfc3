using OrleansStream.Core.Groups.Classic;
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
        return TakeEffects();
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
        => Emit(new CoordinatorRecord(new GroupMetadataKey { Group = group.GroupId }, null));

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
