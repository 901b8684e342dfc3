using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using OffsetDeleteRequest = OrleansStream.Protocol.Kafka.OffsetDeleteRequest;
using OffsetDeleteResponse = OrleansStream.Protocol.Kafka.OffsetDeleteResponse;

namespace OrleansStream.Gateway.Handlers;

/// <summary>OffsetDelete, 0 (KIP-496).</summary>
internal sealed class OffsetDeleteHandler(GroupCoordinators coordinators) : KafkaHandler<OffsetDeleteRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(OffsetDeleteRequest request, RequestContext context)
    {
        var deletion = new Abstractions.OffsetDeleteRequest(
            request.GroupId,
            [.. request.Topics.Select(topic => new TopicPartitions(topic.Name, [.. topic.Partitions.Select(partition => partition.PartitionIndex)]))]);
        var deleted = await coordinators.CallAsync(
            request.GroupId,
            coordinator => coordinator.DeleteOffsetsAsync(deletion, context.Aborted),
            response => response.Error,
            error => new Abstractions.OffsetDeleteResponse(error, []),
            context.Aborted);
        var response = new OffsetDeleteResponse { ErrorCode = deleted.Error };
        response.Topics.AddRange(deletion.Topics.Zip(deleted.PartitionErrors, (topic, errors) => new OffsetDeleteResponse.OffsetDeleteResponseTopic
        {
            Name = topic.Topic,
            Partitions = [.. topic.Partitions.Zip(errors, (partition, error) => new OffsetDeleteResponse.OffsetDeleteResponsePartition { PartitionIndex = partition, ErrorCode = error })],
        }));
        return response;
    }
}
