using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>DescribeProducers, 0 (KIP-664): the idempotent producers of partitions that this broker leads.</summary>
internal sealed class DescribeProducersHandler(BrokerGrains grains) : KafkaHandler<DescribeProducersRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(DescribeProducersRequest request, RequestContext context)
    {
        var response = new DescribeProducersResponse();
        var waiting = new List<Task>();
        foreach (var topic in request.Topics)
        {
            var topicResult = new DescribeProducersResponse.TopicResponse { Name = topic.Name };
            response.Topics.Add(topicResult);
            foreach (var partition in topic.PartitionIndexes)
            {
                var result = new DescribeProducersResponse.PartitionResponse { PartitionIndex = partition };
                topicResult.Partitions.Add(result);
                if (grains.FindPartition(topic.Name, partition) is not { } grain)
                {
                    result.ErrorCode = ErrorCode.UnknownTopicOrPartition;
                    continue;
                }

                waiting.Add(FillAsync(result, grain.DescribeProducersAsync(context.Aborted)));
            }
        }

        await Task.WhenAll(waiting);
        return response;
    }

    private static async Task FillAsync(DescribeProducersResponse.PartitionResponse result, Task<Abstractions.DescribeProducersResponse> call)
    {
        try
        {
            var outcome = await call;
            result.ErrorCode = outcome.Error;
            result.ErrorMessage = outcome.ErrorMessage;
            result.ActiveProducers.AddRange(outcome.Producers.Select(producer => new DescribeProducersResponse.ProducerState
            {
                ProducerId = producer.ProducerId,
                ProducerEpoch = producer.ProducerEpoch,
                LastSequence = producer.LastSequence,
                LastTimestamp = producer.LastTimestampMs,
                CoordinatorEpoch = -1,
            }));
        }
        catch (Exception exception) when (GrainErrors.IsPassing(exception))
        {
            result.ErrorCode = GrainErrors.ToErrorCode(exception);
            result.ErrorMessage = exception.Message;
        }
    }
}
