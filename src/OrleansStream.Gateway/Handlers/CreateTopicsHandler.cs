using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using CreateTopicsRequest = OrleansStream.Protocol.Kafka.CreateTopicsRequest;

namespace OrleansStream.Gateway.Handlers;

/// <summary>CreateTopics, 2 to 7: validate-only, configurations, assignments; from 5 on the answer describes what was created (KIP-525).</summary>
internal sealed class CreateTopicsHandler(BrokerGrains grains) : KafkaHandler<CreateTopicsRequest>
{
    private const short FirstVersionWithDescription = 5;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(CreateTopicsRequest request, RequestContext context)
    {
        var response = new CreateTopicsResponse();
        var accepted = new List<Abstractions.CreatableTopic>();
        var seen = request.Topics.GroupBy(topic => topic.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        foreach (var topic in request.Topics.DistinctBy(topic => topic.Name, StringComparer.Ordinal))
        {
            var refusal = seen[topic.Name] > 1
                ? $"Topic '{topic.Name}' stands in the request more than once."
                : Convert(topic, accepted);
            if (refusal is not null)
            {
                var error = topic.Assignments.Count > 0 && seen[topic.Name] == 1 ? ErrorCode.InvalidReplicaAssignment : ErrorCode.InvalidRequest;
                response.Topics.Add(new() { Name = topic.Name, ErrorCode = error, ErrorMessage = refusal });
            }
        }

        if (accepted.Count > 0)
        {
            var create = new Abstractions.CreateTopicsRequest([.. accepted], request.ValidateOnly, request.TimeoutMs);
            var results = await grains.Cluster.CreateTopicsAsync(create, context.Aborted);
            response.Topics.AddRange(results.Select(result => new CreateTopicsResponse.CreatableTopicResult
            {
                Name = result.Name,
                TopicId = result.TopicId,
                ErrorCode = result.Error,
                ErrorMessage = result.ErrorMessage,
            }));
        }

        // Clients take results by place as well as by name.
        var places = request.Topics.Select(topic => topic.Name).Distinct(StringComparer.Ordinal).Index().ToDictionary(place => place.Item, place => place.Index, StringComparer.Ordinal);
        response.Topics.Sort((one, other) => places[one.Name].CompareTo(places[other.Name]));
        if (context.Version >= FirstVersionWithDescription && !request.ValidateOnly)
        {
            await DescribeAsync(response, context.Aborted);
        }

        return response;
    }

    /// <summary>Adds the topic to those to create; or says what is wrong with it.</summary>
    private static string? Convert(CreateTopicsRequest.CreatableTopic topic, List<Abstractions.CreatableTopic> accepted)
    {
        int[][]? assignments = null;
        if (topic.Assignments.Count > 0)
        {
            if (topic.NumPartitions != -1 || topic.ReplicationFactor != -1)
            {
                return "Both an assignment and a number of partitions or replicas were given; with an assignment both numbers must be -1.";
            }

            assignments = new int[topic.Assignments.Count][];
            foreach (var assignment in topic.Assignments)
            {
                if (assignment.PartitionIndex < 0 || assignment.PartitionIndex >= assignments.Length || assignments[assignment.PartitionIndex] is not null)
                {
                    return $"The assignment names partition {assignment.PartitionIndex}; it must name 0 to {assignments.Length - 1}, each once.";
                }

                assignments[assignment.PartitionIndex] = [.. assignment.BrokerIds];
            }
        }

        var configs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var config in topic.Configs)
        {
            if (config.Value is null)
            {
                return $"The configuration '{config.Name}' has no value.";
            }

            configs[config.Name] = config.Value;
        }

        accepted.Add(new Abstractions.CreatableTopic(
            topic.Name, topic.NumPartitions, topic.ReplicationFactor, configs, assignments));
        return null;
    }

    private async Task DescribeAsync(CreateTopicsResponse response, CancellationToken cancellationToken)
    {
        var created = response.Topics.Where(topic => topic.ErrorCode == ErrorCode.None).ToDictionary(topic => topic.Name, StringComparer.Ordinal);
        if (created.Count == 0)
        {
            return;
        }

        var metadata = await grains.Cluster.GetMetadataAsync(new Abstractions.MetadataRequest([.. created.Keys], false), cancellationToken);
        foreach (var topic in metadata.Topics.Where(topic => topic.Error == ErrorCode.None))
        {
            created[topic.Name].NumPartitions = topic.Partitions.Length;
            created[topic.Name].ReplicationFactor = (short)(topic.Partitions.FirstOrDefault()?.Replicas.Length ?? -1);
        }

        var descriptions = await grains.Cluster.DescribeConfigsAsync(
            [.. created.Keys.Select(name => new ConfigResource(ConfigResourceType.Topic, name))], cancellationToken);
        foreach (var description in descriptions.Where(description => description.Error == ErrorCode.None))
        {
            created[description.Resource.Name].Configs =
            [
                .. description.Entries.Select(entry => new CreateTopicsResponse.CreatableTopicConfigs
                {
                    Name = entry.Name,
                    Value = entry.Value,
                    ReadOnly = entry.IsReadOnly,
                    ConfigSource = (sbyte)entry.Source,
                    IsSensitive = entry.IsSensitive,
                }),
            ];
        }
    }
}
