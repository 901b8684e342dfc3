using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>DescribeConfigs, 0 to 4: topics and brokers, with sources and documentation. No list of keys and an empty one ask for all, as in Kafka.</summary>
internal sealed class DescribeConfigsHandler(BrokerGrains grains) : KafkaHandler<DescribeConfigsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(DescribeConfigsRequest request, RequestContext context)
    {
        var resources = request.Resources.Select(resource => new ConfigResource((ConfigResourceType)resource.ResourceType, resource.ResourceName));
        var descriptions = await grains.Cluster.DescribeConfigsAsync([.. resources], context.Aborted);
        var response = new DescribeConfigsResponse();
        foreach (var (description, asked) in descriptions.Zip(request.Resources))
        {
            var wanted = asked.ConfigurationKeys is { Count: > 0 } keys ? keys.ToHashSet(StringComparer.Ordinal) : null;
            response.Results.Add(new()
            {
                ErrorCode = description.Error,
                ErrorMessage = description.ErrorMessage,
                ResourceType = asked.ResourceType,
                ResourceName = asked.ResourceName,
                Configs =
                [
                    .. description.Entries
                        .Where(entry => wanted is null || wanted.Contains(entry.Name))
                        .Select(entry => Entry(entry, request)),
                ],
            });
        }

        return response;
    }

    private static DescribeConfigsResponse.DescribeConfigsResourceResult Entry(ConfigEntry entry, DescribeConfigsRequest request)
    {
        var result = new DescribeConfigsResponse.DescribeConfigsResourceResult
        {
            Name = entry.Name,
            Value = entry.Value,
            ReadOnly = entry.IsReadOnly,
            IsDefault = entry.Source == ConfigSource.DefaultConfig,
            ConfigSource = (sbyte)entry.Source,
            IsSensitive = entry.IsSensitive,
            ConfigType = (sbyte)entry.Type,
            Documentation = request.IncludeDocumentation ? entry.Documentation : null,
        };
        if (request.IncludeSynonyms)
        {
            result.Synonyms.AddRange((entry.Synonyms ?? [new(entry.Name, entry.Value, entry.Source)]).Select(
                synonym => new DescribeConfigsResponse.DescribeConfigsSynonym { Name = synonym.Name, Value = synonym.Value, Source = (sbyte)synonym.Source }));
        }

        return result;
    }
}
