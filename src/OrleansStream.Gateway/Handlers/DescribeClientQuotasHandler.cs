using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>DescribeClientQuotas, 0 and 1 (KIP-546).</summary>
internal sealed class DescribeClientQuotasHandler(BrokerGrains grains) : KafkaHandler<DescribeClientQuotasRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(DescribeClientQuotasRequest request, RequestContext context)
    {
        var filter = request.Components.Select(component => new QuotaFilterPart(component.EntityType, unchecked((QuotaMatch)component.MatchType), component.Match));
        var described = await grains.Cluster.DescribeClientQuotasAsync([.. filter], request.Strict, context.Aborted);
        return new DescribeClientQuotasResponse
        {
            ErrorCode = described.Error,
            ErrorMessage = described.ErrorMessage,
            Entries = described.Error == ErrorCode.None ? [.. described.Quotas.Select(Entry)] : null,
        };
    }

    private static DescribeClientQuotasResponse.EntryData Entry(ClientQuota quota) => new()
    {
        Entity = [.. quota.Entity.Select(part => new DescribeClientQuotasResponse.EntityData { EntityType = part.Type, EntityName = part.Name })],
        Values = [.. quota.Values.Select(value => new DescribeClientQuotasResponse.ValueData { Key = value.Key, Value = value.Value })],
    };
}
