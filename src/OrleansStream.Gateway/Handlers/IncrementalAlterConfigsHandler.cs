using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>IncrementalAlterConfigs, 0 and 1 (KIP-339).</summary>
internal sealed class IncrementalAlterConfigsHandler(BrokerGrains grains) : KafkaHandler<IncrementalAlterConfigsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(IncrementalAlterConfigsRequest request, RequestContext context)
    {
        var alterations = request.Resources.Select(resource => new ConfigAlteration(
            new ConfigResource((ConfigResourceType)resource.ResourceType, resource.ResourceName),
            [.. resource.Configs.Select(config => new ConfigChange(config.Name, (ConfigOperation)config.ConfigOperation, config.Value))]));
        var results = await grains.Cluster.AlterConfigsAsync([.. alterations], request.ValidateOnly, context.Aborted);
        var response = new IncrementalAlterConfigsResponse();
        response.Responses.AddRange(results.Zip(request.Resources, (result, resource) => new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
        {
            ErrorCode = result.Error,
            ErrorMessage = result.ErrorMessage,
            ResourceType = resource.ResourceType,
            ResourceName = resource.ResourceName,
        }));
        return response;
    }
}
