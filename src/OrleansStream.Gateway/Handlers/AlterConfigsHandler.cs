using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>
/// AlterConfigs, 0 to 2: the request is the whole configuration, so entries that were set before and are not in it go
/// back to their default.
/// </summary>
internal sealed class AlterConfigsHandler(BrokerGrains grains) : KafkaHandler<AlterConfigsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(AlterConfigsRequest request, RequestContext context)
    {
        var resources = request.Resources
            .Select(resource => new ConfigResource((ConfigResourceType)resource.ResourceType, resource.ResourceName))
            .ToArray();
        var current = await grains.Cluster.DescribeConfigsAsync(resources, context.Aborted);
        var alterations = request.Resources.Select((resource, i) => new ConfigAlteration(resources[i], Changes(resource, current[i])));
        var results = await grains.Cluster.AlterConfigsAsync([.. alterations], request.ValidateOnly, context.Aborted);
        var response = new AlterConfigsResponse();
        response.Responses.AddRange(results.Zip(request.Resources, (result, resource) => new AlterConfigsResponse.AlterConfigsResourceResponse
        {
            ErrorCode = result.Error,
            ErrorMessage = result.ErrorMessage,
            ResourceType = resource.ResourceType,
            ResourceName = resource.ResourceName,
        }));
        return response;
    }

    private static ConfigChange[] Changes(AlterConfigsRequest.AlterConfigsResource resource, ConfigDescription current)
    {
        // A key may come twice here, as librdkafka's tests send it, and the last one counts.
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var config in resource.Configs)
        {
            values[config.Name] = config.Value;
        }

        var own = current.Resource switch
        {
            { Type: ConfigResourceType.Topic } => ConfigSource.DynamicTopicConfig,
            { Name: "" } => ConfigSource.DynamicDefaultBrokerConfig,
            _ => ConfigSource.DynamicBrokerConfig,
        };
        var set = values.Select(config => new ConfigChange(config.Key, ConfigOperation.Set, config.Value));
        var deleted = current.Entries
            .Where(entry => entry.Source == own && !values.ContainsKey(entry.Name))
            .Select(entry => new ConfigChange(entry.Name, ConfigOperation.Delete, null));
        return [.. set, .. deleted];
    }
}
