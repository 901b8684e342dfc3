using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>DescribeGroups, 0 to 5: groups of the classic protocol.</summary>
internal sealed class DescribeGroupsHandler(GroupCoordinators coordinators) : KafkaHandler<DescribeGroupsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(DescribeGroupsRequest request, RequestContext context)
    {
        var described = await Task.WhenAll(request.Groups.Select(groupId => coordinators.CallAsync(
            groupId,
            async coordinator => (await coordinator.DescribeGroupsAsync([groupId], context.Aborted))[0],
            group => group.Error,
            error => new GroupDescription(error, null, groupId, string.Empty, string.Empty, string.Empty, -1, []),
            context.Aborted)));
        var response = new DescribeGroupsResponse();
        response.Groups.AddRange(described.Select(group => new DescribeGroupsResponse.DescribedGroup
        {
            ErrorCode = group.Error,
            GroupId = group.GroupId,
            GroupState = group.State,
            ProtocolType = group.ProtocolType,
            ProtocolData = group.ProtocolName,
            Members =
            [
                .. group.Members.Select(member => new DescribeGroupsResponse.DescribedGroupMember
                {
                    MemberId = member.MemberId,
                    GroupInstanceId = member.GroupInstanceId,
                    ClientId = member.ClientId,
                    ClientHost = member.ClientHost,
                    MemberMetadata = member.Metadata,
                    MemberAssignment = member.Assignment,
                }),
            ],
        }));
        return response;
    }
}
