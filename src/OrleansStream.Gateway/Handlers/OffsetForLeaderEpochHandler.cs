using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>OffsetForLeaderEpoch, 2 to 4 (KIP-101, KIP-320): with it a consumer notices that the log was truncated.</summary>
internal sealed class OffsetForLeaderEpochHandler(BrokerGrains grains) : KafkaHandler<OffsetForLeaderEpochRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(OffsetForLeaderEpochRequest request, RequestContext context)
    {
        var response = new OffsetForLeaderEpochResponse();
        var waiting = new List<Task>();
        foreach (var topic in request.Topics)
        {
            var topicResult = new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult { Topic = topic.Topic };
            response.Topics.Add(topicResult);
            foreach (var partition in topic.Partitions)
            {
                var result = new OffsetForLeaderEpochResponse.EpochEndOffset { Partition = partition.Partition };
                topicResult.Partitions.Add(result);
                if (grains.FindPartition(topic.Topic, partition.Partition) is not { } grain)
                {
                    result.ErrorCode = ErrorCode.UnknownTopicOrPartition;
                    continue;
                }

                var ask = new Abstractions.OffsetForLeaderEpochRequest(partition.LeaderEpoch, partition.CurrentLeaderEpoch);
                waiting.Add(FillAsync(result, grain.OffsetForLeaderEpochAsync(ask, context.Aborted)));
            }
        }

        await Task.WhenAll(waiting);
        return response;
    }

    private static async Task FillAsync(
        OffsetForLeaderEpochResponse.EpochEndOffset result,
        Task<Abstractions.OffsetForLeaderEpochResponse> call)
    {
        try
        {
            var outcome = await call;
            result.ErrorCode = outcome.Error;
            result.LeaderEpoch = outcome.LeaderEpoch;
            result.EndOffset = outcome.EndOffset;
        }
        catch (Exception exception) when (GrainErrors.IsPassing(exception))
        {
            result.ErrorCode = GrainErrors.ToErrorCode(exception);
        }
    }
}
