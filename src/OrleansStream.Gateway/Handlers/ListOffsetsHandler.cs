using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>ListOffsets, 1 to 7: by timestamp, earliest (-2), latest (-1) and, from 7 on, max-timestamp (-3, KIP-734).</summary>
internal sealed class ListOffsetsHandler(BrokerGrains grains) : KafkaHandler<ListOffsetsRequest>
{
    private const short FirstVersionWithMaxTimestamp = 7;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(ListOffsetsRequest request, RequestContext context)
    {
        var isolation = request.IsolationLevel == 1 ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted;
        var response = new ListOffsetsResponse();
        var waiting = new List<Task>();
        foreach (var topic in request.Topics)
        {
            var topicResponse = new ListOffsetsResponse.ListOffsetsTopicResponse { Name = topic.Name };
            response.Topics.Add(topicResponse);
            foreach (var partition in topic.Partitions)
            {
                var partitionResponse = new ListOffsetsResponse.ListOffsetsPartitionResponse { PartitionIndex = partition.PartitionIndex };
                topicResponse.Partitions.Add(partitionResponse);
                if (IsUnknown(partition.Timestamp, context.Version))
                {
                    partitionResponse.ErrorCode = ErrorCode.UnsupportedVersion;
                    continue;
                }

                if (grains.FindPartition(topic.Name, partition.PartitionIndex) is not { } grain)
                {
                    partitionResponse.ErrorCode = ErrorCode.UnknownTopicOrPartition;
                    continue;
                }

                var list = new ListOffsetRequest(partition.Timestamp, partition.CurrentLeaderEpoch, isolation);
                waiting.Add(FillAsync(partitionResponse, grain.ListOffsetAsync(list, context.Aborted)));
            }
        }

        await Task.WhenAll(waiting);
        return response;
    }

    private static bool IsUnknown(long timestamp, short version)
        => timestamp < (version >= FirstVersionWithMaxTimestamp ? ListOffsetTimestamps.MaxTimestamp : ListOffsetTimestamps.Earliest);

    private static async Task FillAsync(ListOffsetsResponse.ListOffsetsPartitionResponse response, Task<ListOffsetResponse> call)
    {
        try
        {
            var result = await call;
            response.ErrorCode = result.Error;
            response.Offset = result.Offset;
            response.Timestamp = result.Timestamp;
            response.LeaderEpoch = result.LeaderEpoch;
        }
        catch (Exception exception) when (GrainErrors.IsPassing(exception))
        {
            response.ErrorCode = GrainErrors.ToErrorCode(exception);
        }
    }
}
