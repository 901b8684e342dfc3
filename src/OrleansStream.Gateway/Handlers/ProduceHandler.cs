using OrleansStream.Abstractions;
using OrleansStream.Gateway.Quotas;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>
/// Produce, 3 to 9. Each partition's batch goes, as a slice of the request, to its grain; the calls begin in the order of
/// the requests. Versions 0 to 2 can carry only the old message formats and are answered with
/// UNSUPPORTED_FOR_MESSAGE_FORMAT. With acks=0 there is no response; an error then closes the connection, which is how
/// Kafka tells such a producer to refresh its metadata. A batch for which the log has no room waits; the connection's and the
/// listener's limits bound how much does.
/// </summary>
internal sealed class ProduceHandler(BrokerGrains grains, ClientThrottle throttle) : KafkaHandler<ProduceRequest>
{
    private const short FirstVersionWithRecordBatches = 3;

    /// <inheritdoc/>
    protected override ValueTask<IKafkaMessage?> HandleAsync(ProduceRequest request, RequestContext context)
    {
        // Before anything else: what comes behind this request on its connection is not even read while the client is over its quota.
        var response = new ProduceResponse { ThrottleTimeMs = throttle.ChargeProduce(context) };
        List<Task>? waiting = null;
        foreach (var topic in request.TopicData)
        {
            var topicResponse = new ProduceResponse.TopicProduceResponse { Name = topic.Name };
            response.Responses.Add(topicResponse);
            foreach (var partition in topic.PartitionData)
            {
                var partitionResponse = new ProduceResponse.PartitionProduceResponse { Index = partition.Index, BaseOffset = -1 };
                topicResponse.PartitionResponses.Add(partitionResponse);
                if (Refuse(request, context.Version) is { } refusal)
                {
                    (partitionResponse.ErrorCode, partitionResponse.ErrorMessage) = refusal;
                    continue;
                }

                if (grains.FindPartition(topic.Name, partition.Index) is not { } grain)
                {
                    partitionResponse.ErrorCode = ErrorCode.UnknownTopicOrPartition;
                    continue;
                }

                var produce = new PartitionProduceRequest(partition.Records ?? default, request.Acks, request.TimeoutMs, request.TransactionalId, WaitsForRoom: true);
                var call = grain.ProduceAsync(produce, CancellationToken.None);
                (waiting ??= []).Add(FillAsync(partitionResponse, call));
            }
        }

        return AnswerAsync(request, response, waiting);
    }

    private static (ErrorCode Error, string Message)? Refuse(ProduceRequest request, short version)
    {
        if (version < FirstVersionWithRecordBatches)
        {
            return (ErrorCode.UnsupportedForMessageFormat, $"Produce version {version} carries message formats before RecordBatch v2; use version 3 or newer.");
        }

        return request.Acks is < -1 or > 1
            ? (ErrorCode.InvalidRequiredAcks, $"acks is {request.Acks}; it must be 0, 1 or -1.")
            : null;
    }

    private static async Task FillAsync(ProduceResponse.PartitionProduceResponse response, Task<PartitionProduceResponse> call)
    {
        try
        {
            var result = await call;
            response.ErrorCode = result.Error;
            response.ErrorMessage = result.ErrorMessage;
            response.BaseOffset = result.BaseOffset;
            response.LogAppendTimeMs = result.LogAppendTimeMs;
            response.LogStartOffset = result.LogStartOffset;
            foreach (var index in result.InvalidRecords ?? [])
            {
                response.RecordErrors.Add(new() { BatchIndex = index });
            }
        }
        catch (Exception exception) when (GrainErrors.IsPassing(exception))
        {
            response.ErrorCode = GrainErrors.ToErrorCode(exception);
            response.ErrorMessage = exception.Message;
        }
    }

    private static async ValueTask<IKafkaMessage?> AnswerAsync(ProduceRequest request, ProduceResponse response, List<Task>? waiting)
    {
        if (waiting is not null)
        {
            await Task.WhenAll(waiting);
        }

        if (request.Acks != 0)
        {
            return response;
        }

        foreach (var topic in response.Responses)
        {
            foreach (var partition in topic.PartitionResponses)
            {
                if (partition.ErrorCode != ErrorCode.None)
                {
                    throw new UnansweredRequestException($"a produce with acks=0 to {topic.Name}-{partition.Index} failed with {partition.ErrorCode}: {partition.ErrorMessage}");
                }
            }
        }

        return null;
    }
}
