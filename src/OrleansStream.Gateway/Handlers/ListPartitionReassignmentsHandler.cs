using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>ListPartitionReassignments, 0 (KIP-455).</summary>
internal sealed class ListPartitionReassignmentsHandler(BrokerGrains grains) : KafkaHandler<ListPartitionReassignmentsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(ListPartitionReassignmentsRequest request, RequestContext context)
    {
        TopicPartitions[]? asked = request.Topics is { } topics
            ? [.. topics.Select(topic => new TopicPartitions(topic.Name, [.. topic.PartitionIndexes]))]
            : null;
        var ongoing = await grains.Cluster.ListPartitionReassignmentsAsync(asked, context.Aborted);
        var response = new ListPartitionReassignmentsResponse();
        response.Topics.AddRange(ongoing.GroupBy(reassignment => reassignment.Topic, StringComparer.Ordinal)
            .Select(topic => new ListPartitionReassignmentsResponse.OngoingTopicReassignment
            {
                Name = topic.Key,
                Partitions =
                [
                    .. topic.Select(reassignment => new ListPartitionReassignmentsResponse.OngoingPartitionReassignment
                    {
                        PartitionIndex = reassignment.Partition,
                        Replicas = [.. reassignment.Replicas],
                        AddingReplicas = [.. reassignment.AddingReplicas],
                        RemovingReplicas = [.. reassignment.RemovingReplicas],
                    }),
                ],
            }));
        return response;
    }
}
