using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>CreatePartitions, 0 to 3. The controller chooses the replicas, or the request says which.</summary>
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
            int[][]? assignments = topic.Assignments is { Count: > 0 } given ? [.. given.Select(assignment => assignment.BrokerIds.ToArray())] : null;
            var outcome = await grains.Cluster.CreatePartitionsAsync(
                topic.Name, topic.Count, assignments, request.ValidateOnly, request.TimeoutMs, context.Aborted);
            result.ErrorCode = outcome.Error;
            result.ErrorMessage = outcome.ErrorMessage;
        }

        return response;
    }
}
