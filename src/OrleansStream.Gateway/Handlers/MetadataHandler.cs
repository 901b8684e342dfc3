using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using MetadataRequest = OrleansStream.Protocol.Kafka.MetadataRequest;

namespace OrleansStream.Gateway.Handlers;

/// <summary>Metadata, 0 to 12: brokers with their advertised listeners, topics by name or (from 10) by id, auto-creation.</summary>
internal sealed class MetadataHandler(BrokerGrains grains) : KafkaHandler<MetadataRequest>
{
    private const short FirstVersionWithCreationFlag = 4;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(MetadataRequest request, RequestContext context)
    {
        // Version 0 has no null: there an empty list means all topics.
        var wantsAll = request.Topics is null || (context.Version == 0 && request.Topics.Count == 0);

        // As with Kafka, names count only where nothing has an id: its Java client leaves them empty beside ids, not null.
        var byId = request.Topics?.Where(topic => topic.Name is null || topic.TopicId != Guid.Empty).Select(topic => topic.TopicId).ToHashSet() ?? [];
        string[]? names = wantsAll ? null
            : byId.Count > 0 ? []
            : [.. request.Topics!.Select(topic => topic.Name!).Distinct(StringComparer.Ordinal)];
        var mayCreate = context.Version < FirstVersionWithCreationFlag || request.AllowAutoTopicCreation;

        var metadata = await grains.Cluster.GetMetadataAsync(new Abstractions.MetadataRequest(names, mayCreate), context.Aborted);
        var response = new MetadataResponse { ClusterId = metadata.ClusterId, ControllerId = metadata.ControllerId };
        foreach (var broker in metadata.Brokers)
        {
            response.Brokers.Add(new() { NodeId = broker.BrokerId, Host = broker.Host, Port = broker.KafkaPort, Rack = broker.Rack });
        }

        response.Topics.AddRange(metadata.Topics.Select(Topic));
        if (byId.Count > 0)
        {
            await AddTopicsByIdAsync(response, byId, context);
        }

        AddAuthorizedOperations(request, response);

        return response;
    }

    private async Task AddTopicsByIdAsync(MetadataResponse response, HashSet<Guid> ids, RequestContext context)
    {
        var all = await grains.Cluster.GetMetadataAsync(new Abstractions.MetadataRequest(null, false), context.Aborted);
        foreach (var topic in all.Topics.Where(topic => ids.Remove(topic.TopicId)))
        {
            response.Topics.Add(Topic(topic));
        }

        response.Topics.AddRange(ids.Select(id => new MetadataResponse.MetadataResponseTopic
        {
            ErrorCode = ErrorCode.UnknownTopicId,
            Name = context.Version >= 12 ? null : "",
            TopicId = id,
        }));
    }

    private static void AddAuthorizedOperations(MetadataRequest request, MetadataResponse response)
    {
        if (request.IncludeClusterAuthorizedOperations)
        {
            response.ClusterAuthorizedOperations = AuthorizedOperations.Cluster;
        }

        if (request.IncludeTopicAuthorizedOperations)
        {
            foreach (var topic in response.Topics.Where(topic => topic.ErrorCode == ErrorCode.None))
            {
                topic.TopicAuthorizedOperations = AuthorizedOperations.Topic;
            }
        }
    }

    private static MetadataResponse.MetadataResponseTopic Topic(TopicMetadata topic) => new()
    {
        ErrorCode = topic.Error,
        Name = topic.Name,
        TopicId = topic.TopicId,
        IsInternal = topic.IsInternal,
        Partitions =
        [
            .. topic.Partitions.Select(partition => new MetadataResponse.MetadataResponsePartition
            {
                ErrorCode = partition.Error,
                PartitionIndex = partition.Partition,
                LeaderId = partition.Leader,
                LeaderEpoch = partition.LeaderEpoch,
                ReplicaNodes = [.. partition.Replicas],
                IsrNodes = [.. partition.Isr],
                OfflineReplicas = [.. partition.OfflineReplicas],
            }),
        ],
    };
}
