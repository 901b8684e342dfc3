using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>AlterPartitionReassignments, 0 (KIP-455). The answer says what has begun; ListPartitionReassignments shows what goes on.</summary>
internal sealed class AlterPartitionReassignmentsHandler(BrokerGrains grains) : KafkaHandler<AlterPartitionReassignmentsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(AlterPartitionReassignmentsRequest request, RequestContext context)
    {
        PartitionReassignment[] wanted =
        [
            .. request.Topics.SelectMany(topic => topic.Partitions.Select(
                partition => new PartitionReassignment(topic.Name, partition.PartitionIndex, partition.Replicas?.ToArray()))),
        ];
        var outcomes = await grains.Cluster.AlterPartitionReassignmentsAsync(wanted, context.Aborted);
        var response = new AlterPartitionReassignmentsResponse();
        response.Responses.AddRange(outcomes.GroupBy(outcome => outcome.Topic, StringComparer.Ordinal)
            .Select(topic => new AlterPartitionReassignmentsResponse.ReassignableTopicResponse
            {
                Name = topic.Key,
                Partitions =
                [
                    .. topic.Select(outcome => new AlterPartitionReassignmentsResponse.ReassignablePartitionResponse
                    {
                        PartitionIndex = outcome.Partition,
                        ErrorCode = outcome.Error,
                        ErrorMessage = outcome.ErrorMessage,
                    }),
                ],
            }));
        return response;
    }
}
