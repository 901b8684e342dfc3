using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using LeaveGroupRequest = OrleansStream.Protocol.Kafka.LeaveGroupRequest;
using LeaveGroupResponse = OrleansStream.Protocol.Kafka.LeaveGroupResponse;

namespace OrleansStream.Gateway.Handlers;

/// <summary>LeaveGroup, 0 to 5: one member before version 3, several since.</summary>
internal sealed class LeaveGroupHandler(GroupCoordinators coordinators) : KafkaHandler<LeaveGroupRequest>
{
    private const short FirstWithSeveralMembers = 3;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(LeaveGroupRequest request, RequestContext context)
    {
        LeavingMember[] members = context.Version >= FirstWithSeveralMembers
            ? [.. request.Members.Select(member => new LeavingMember(member.MemberId, member.GroupInstanceId, member.Reason))]
            : [new LeavingMember(request.MemberId, null, null)];
        var left = await coordinators.CallAsync(
            request.GroupId,
            coordinator => coordinator.LeaveGroupAsync(new Abstractions.LeaveGroupRequest(request.GroupId, members), context.Aborted),
            response => response.Error,
            error => new Abstractions.LeaveGroupResponse(error, []),
            context.Aborted);
        var response = new LeaveGroupResponse { ErrorCode = left.Error };
        if (context.Version < FirstWithSeveralMembers)
        {
            response.ErrorCode = left.Error == ErrorCode.None ? left.MemberErrors[0] : left.Error;
            return response;
        }

        response.Members.AddRange(left.MemberErrors.Zip(members, (error, member) => new LeaveGroupResponse.MemberResponse
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.GroupInstanceId,
            ErrorCode = error,
        }));
        return response;
    }
}
