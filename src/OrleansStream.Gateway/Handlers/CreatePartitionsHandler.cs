using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>CreatePartitions, 0 to 3. The controller chooses the replicas; an assignment in the request is refused.</summary>
internal sealed class CreatePartitionsHandler(BrokerGrains grains) : KafkaHandler<CreatePartitionsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(CreatePartitionsRequest request, RequestContext context)
    {
        var response = new CreatePartitionsResponse();
        foreach (var topic in request.Topics)
        {
            var result = new CreatePartitionsResponse.CreatePartitionsTopicResult { Name = topic.Name };
            response.Results.Add(result);
            if (topic.Assignments is { Count: > 0 })
            {
                result.ErrorCode = ErrorCode.InvalidReplicaAssignment;
                result.ErrorMessage = "Assignments of new partitions are not supported yet; leave them out and the controller chooses.";
                continue;
            }

            var outcome = await grains.Cluster.CreatePartitionsAsync(
                topic.Name, topic.Count, request.ValidateOnly, request.TimeoutMs, context.Aborted);
            result.ErrorCode = outcome.Error;
            result.ErrorMessage = outcome.ErrorMessage;
        }

        return response;
    }
}
