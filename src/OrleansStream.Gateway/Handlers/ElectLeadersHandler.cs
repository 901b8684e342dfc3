using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using ElectLeadersResponse = OrleansStream.Protocol.Kafka.ElectLeadersResponse;

namespace OrleansStream.Gateway.Handlers;

/// <summary>ElectLeaders, 0 to 2 (KIP-183, KIP-460), through the controller wherever it is.</summary>
internal sealed class ElectLeadersHandler(BrokerGrains grains) : KafkaHandler<ElectLeadersRequest>
{
    private const sbyte Preferred = 0;
    private const sbyte Unclean = 1;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(ElectLeadersRequest request, RequestContext context)
    {
        if (request.ElectionType is not (Preferred or Unclean))
        {
            return new ElectLeadersResponse { ErrorCode = ErrorCode.InvalidRequest };
        }

        TopicPartitions[]? topics = request.TopicPartitions is { } asked
            ? [.. asked.Select(topic => new TopicPartitions(topic.Topic, [.. topic.Partitions]))]
            : null;
        var elected = await grains.Cluster.ElectLeadersAsync(request.ElectionType == Unclean, topics, request.TimeoutMs, context.Aborted);
        var response = new ElectLeadersResponse { ErrorCode = elected.Error };
        response.ReplicaElectionResults.AddRange(elected.Partitions.GroupBy(partition => partition.Topic, StringComparer.Ordinal)
            .Select(topic => new ElectLeadersResponse.ReplicaElectionResult
            {
                Topic = topic.Key,
                PartitionResult =
                [
                    .. topic.Select(partition => new ElectLeadersResponse.PartitionResultValue
                    {
                        PartitionId = partition.Partition,
                        ErrorCode = partition.Error,
                        ErrorMessage = partition.ErrorMessage,
                    }),
                ],
            }));
        return response;
    }
}
