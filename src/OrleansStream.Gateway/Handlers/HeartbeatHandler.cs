using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>Heartbeat, 0 to 4.</summary>
internal sealed class HeartbeatHandler(GroupCoordinators coordinators) : KafkaHandler<HeartbeatRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(HeartbeatRequest request, RequestContext context)
    {
        var heartbeat = new GroupHeartbeatRequest(request.GroupId, request.GenerationId, request.MemberId, request.GroupInstanceId);
        return new HeartbeatResponse
        {
            ErrorCode = await coordinators.CallAsync(
                request.GroupId,
                coordinator => coordinator.HeartbeatAsync(heartbeat, context.Aborted),
                error => error,
                error => error,
                context.Aborted),
        };
    }
}
