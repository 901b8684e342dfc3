using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using SyncGroupRequest = OrleansStream.Protocol.Kafka.SyncGroupRequest;
using SyncGroupResponse = OrleansStream.Protocol.Kafka.SyncGroupResponse;

namespace OrleansStream.Gateway.Handlers;

/// <summary>SyncGroup, 0 to 5: answered when the leader's assignment is stored.</summary>
internal sealed class SyncGroupHandler(GroupCoordinators coordinators) : KafkaHandler<SyncGroupRequest>
{
    private const short FirstWithProtocol = 5;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(SyncGroupRequest request, RequestContext context)
    {
        if (context.Version >= FirstWithProtocol && (request.ProtocolType is null || request.ProtocolName is null))
        {
            return new SyncGroupResponse { ErrorCode = ErrorCode.InconsistentGroupProtocol };
        }

        var sync = new Abstractions.SyncGroupRequest(
            Guid.NewGuid(),
            request.GroupId,
            request.GenerationId,
            request.MemberId,
            request.GroupInstanceId,
            request.ProtocolType,
            request.ProtocolName,
            [.. request.Assignments.Select(assignment => new MemberAssignment(assignment.MemberId, assignment.Assignment))]);
        var synced = await coordinators.CallAsync(
            request.GroupId,
            coordinator => coordinator.SyncGroupToEndAsync(sync, context.Aborted),
            response => response.Error,
            error => new Abstractions.SyncGroupResponse(error, false, null, null, default),
            context.Aborted);
        return new SyncGroupResponse
        {
            // What this rebalance had come to is lost while the coordinator loads, and clients expect no such error here: they join again, as with Kafka.
            ErrorCode = synced.Error == ErrorCode.CoordinatorLoadInProgress ? ErrorCode.RebalanceInProgress : synced.Error,
            ProtocolType = synced.ProtocolType,
            ProtocolName = synced.ProtocolName,
            Assignment = synced.Assignment,
        };
    }
}
