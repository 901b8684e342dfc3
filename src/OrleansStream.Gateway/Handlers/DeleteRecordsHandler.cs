using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>DeleteRecords, 0 to 2 (KIP-107); offset -1 means the high watermark.</summary>
internal sealed class DeleteRecordsHandler(BrokerGrains grains) : KafkaHandler<DeleteRecordsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(DeleteRecordsRequest request, RequestContext context)
    {
        var response = new DeleteRecordsResponse();
        var waiting = new List<Task>();
        foreach (var topic in request.Topics)
        {
            var topicResult = new DeleteRecordsResponse.DeleteRecordsTopicResult { Name = topic.Name };
            response.Topics.Add(topicResult);
            foreach (var partition in topic.Partitions)
            {
                var result = new DeleteRecordsResponse.DeleteRecordsPartitionResult { PartitionIndex = partition.PartitionIndex, LowWatermark = -1 };
                topicResult.Partitions.Add(result);
                if (grains.FindPartition(topic.Name, partition.PartitionIndex) is not { } grain)
                {
                    result.ErrorCode = ErrorCode.UnknownTopicOrPartition;
                    continue;
                }

                waiting.Add(FillAsync(result, grain.DeleteRecordsAsync(partition.Offset, context.Aborted)));
            }
        }

        await Task.WhenAll(waiting);
        return response;
    }

    private static async Task FillAsync(DeleteRecordsResponse.DeleteRecordsPartitionResult result, Task<Abstractions.DeleteRecordsResponse> call)
    {
        try
        {
            var outcome = await call;
            result.ErrorCode = outcome.Error;
            result.LowWatermark = outcome.Error == ErrorCode.None ? outcome.LowWatermark : -1;
        }
        catch (Exception exception) when (GrainErrors.IsPassing(exception))
        {
            result.ErrorCode = GrainErrors.ToErrorCode(exception);
        }
    }
}
