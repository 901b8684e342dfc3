using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>AlterClientQuotas, 0 and 1 (KIP-546).</summary>
internal sealed class AlterClientQuotasHandler(BrokerGrains grains) : KafkaHandler<AlterClientQuotasRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(AlterClientQuotasRequest request, RequestContext context)
    {
        var alterations = request.Entries.Select(entry => new QuotaAlteration(
            [.. entry.Entity.Select(part => new QuotaEntityPart(part.EntityType, part.EntityName))],
            [.. entry.Ops.Select(op => new QuotaValueChange(op.Key, op.Remove ? null : op.Value))]));
        var results = await grains.Cluster.AlterClientQuotasAsync([.. alterations], request.ValidateOnly, context.Aborted);
        return new AlterClientQuotasResponse
        {
            Entries =
            [
                .. results.Select(result => new AlterClientQuotasResponse.EntryData
                {
                    ErrorCode = result.Error,
                    ErrorMessage = result.ErrorMessage,
                    Entity = [.. result.Entity.Select(part => new AlterClientQuotasResponse.EntityData { EntityType = part.Type, EntityName = part.Name })],
                }),
            ],
        };
    }
}
