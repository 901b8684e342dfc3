using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>DeleteTopics, 1 to 6: by name or, in 6, by id.</summary>
internal sealed class DeleteTopicsHandler(BrokerGrains grains) : KafkaHandler<DeleteTopicsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(DeleteTopicsRequest request, RequestContext context)
    {
        var response = new DeleteTopicsResponse();
        var names = new List<string>(request.TopicNames);
        names.AddRange(request.Topics.Where(topic => topic.Name is not null).Select(topic => topic.Name!));
        var ids = request.Topics.Where(topic => topic.Name is null).Select(topic => topic.TopicId).ToHashSet();
        if (ids.Count > 0)
        {
            var metadata = await grains.Cluster.GetMetadataAsync(new Abstractions.MetadataRequest(null, false), context.Aborted);
            names.AddRange(metadata.Topics.Where(topic => ids.Remove(topic.TopicId)).Select(topic => topic.Name));
            response.Responses.AddRange(ids.Select(id => new DeleteTopicsResponse.DeletableTopicResult
            {
                Name = null,
                TopicId = id,
                ErrorCode = ErrorCode.UnknownTopicId,
                ErrorMessage = $"There is no topic with the id {id}.",
            }));
        }

        if (names.Count > 0)
        {
            var results = await grains.Cluster.DeleteTopicsAsync(
                [.. names.Distinct(StringComparer.Ordinal)], request.TimeoutMs, context.Aborted);
            response.Responses.AddRange(results.Select(result => new DeleteTopicsResponse.DeletableTopicResult
            {
                Name = result.Name,
                TopicId = result.TopicId,
                ErrorCode = result.Error,
                ErrorMessage = result.ErrorMessage,
            }));
        }

        return response;
    }
}
