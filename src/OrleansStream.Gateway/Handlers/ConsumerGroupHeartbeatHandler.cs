using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using ConsumerGroupHeartbeatRequest = OrleansStream.Protocol.Kafka.ConsumerGroupHeartbeatRequest;
using ConsumerGroupHeartbeatResponse = OrleansStream.Protocol.Kafka.ConsumerGroupHeartbeatResponse;

namespace OrleansStream.Gateway.Handlers;

/// <summary>ConsumerGroupHeartbeat, 0 to 1 (KIP-848). From version 1 on members make their own ids and may subscribe with a pattern.</summary>
internal sealed class ConsumerGroupHeartbeatHandler(GroupCoordinators coordinators) : KafkaHandler<ConsumerGroupHeartbeatRequest>
{
    private const short FirstWithMemberIds = 1;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(ConsumerGroupHeartbeatRequest request, RequestContext context)
    {
        if (context.Version >= FirstWithMemberIds && request.MemberId.Length == 0)
        {
            return new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.InvalidRequest, ErrorMessage = "MemberId can't be empty." };
        }

        var heartbeat = new Abstractions.ConsumerGroupHeartbeatRequest(
            request.GroupId,
            request.MemberId,
            request.MemberEpoch,
            request.InstanceId,
            request.RackId,
            request.RebalanceTimeoutMs,
            request.SubscribedTopicNames?.ToArray(),
            request.SubscribedTopicRegex,
            request.ServerAssignor,
            request.TopicPartitions?.Select(topic => new TopicIdPartitions(topic.TopicId, string.Empty, [.. topic.Partitions])).ToArray(),
            context.ClientId ?? string.Empty,
            GroupCoordinators.HostOf(context));
        var answered = await coordinators.CallAsync(
            request.GroupId,
            coordinator => coordinator.ConsumerGroupHeartbeatAsync(heartbeat, context.Aborted),
            response => response.Error,
            error => new Abstractions.ConsumerGroupHeartbeatResponse(error, null, null, 0, 0, null),
            context.Aborted);
        return new ConsumerGroupHeartbeatResponse
        {
            ErrorCode = answered.Error,
            ErrorMessage = answered.ErrorMessage,
            MemberId = answered.MemberId,
            MemberEpoch = answered.MemberEpoch,
            HeartbeatIntervalMs = answered.HeartbeatIntervalMs,
            Assignment = answered.Assignment is { } topics
                ? new ConsumerGroupHeartbeatResponse.AssignmentValue
                {
                    TopicPartitions =
                    [
                        .. topics.Select(topic => new ConsumerGroupHeartbeatResponse.TopicPartitionsValue
                        {
                            TopicId = topic.TopicId,
                            Partitions = [.. topic.Partitions],
                        }),
                    ],
                }
                : null,
        };
    }
}
