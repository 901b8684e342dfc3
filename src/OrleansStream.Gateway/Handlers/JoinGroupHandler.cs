using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using JoinGroupRequest = OrleansStream.Protocol.Kafka.JoinGroupRequest;
using JoinGroupResponse = OrleansStream.Protocol.Kafka.JoinGroupResponse;

namespace OrleansStream.Gateway.Handlers;

/// <summary>JoinGroup, 0 to 9: answered when the group has formed its next generation.</summary>
internal sealed class JoinGroupHandler(GroupCoordinators coordinators) : KafkaHandler<JoinGroupRequest>
{
    private const short FirstWithMemberIdRequired = 4;
    private const short FirstWithNullableProtocolName = 7;
    private const short FirstWithSkipAssignment = 9;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(JoinGroupRequest request, RequestContext context)
    {
        var join = new Abstractions.JoinGroupRequest(
            Guid.NewGuid(),
            request.GroupId,
            request.MemberId,
            request.GroupInstanceId,
            context.ClientId ?? string.Empty,
            GroupCoordinators.HostOf(context),
            request.SessionTimeoutMs,
            request.RebalanceTimeoutMs,
            request.ProtocolType,
            [.. request.Protocols.Select(protocol => new GroupProtocol(protocol.Name, protocol.Metadata))],
            RequiresKnownMemberId: context.Version >= FirstWithMemberIdRequired,
            SupportsSkippingAssignment: context.Version >= FirstWithSkipAssignment,
            request.Reason);
        var joined = await coordinators.CallAsync(
            request.GroupId,
            coordinator => coordinator.JoinGroupToEndAsync(join, context.Aborted),
            response => response.Error,
            error => new Abstractions.JoinGroupResponse(error, false, -1, null, null, string.Empty, false, request.MemberId, []),
            context.Aborted);
        var response = new JoinGroupResponse
        {
            ErrorCode = joined.Error,
            GenerationId = joined.GenerationId,
            ProtocolType = joined.ProtocolType,
            ProtocolName = joined.ProtocolName ?? (context.Version >= FirstWithNullableProtocolName ? null : string.Empty),
            Leader = joined.Leader,
            SkipAssignment = joined.SkipAssignment,
            MemberId = joined.MemberId,
        };
        response.Members.AddRange(joined.Members.Select(member => new JoinGroupResponse.JoinGroupResponseMember
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.GroupInstanceId,
            Metadata = member.Metadata,
        }));
        return response;
    }
}
