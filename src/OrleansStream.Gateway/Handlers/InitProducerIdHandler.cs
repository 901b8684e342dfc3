using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>InitProducerId, 0 to 4 (KIP-98, KIP-360): a producer id for an idempotent producer.</summary>
internal sealed class InitProducerIdHandler(BrokerGrains grains) : KafkaHandler<InitProducerIdRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(InitProducerIdRequest request, RequestContext context)
    {
        var init = new Abstractions.InitProducerIdRequest(
            request.TransactionalId, request.TransactionTimeoutMs, request.ProducerId, request.ProducerEpoch);
        var result = await grains.Cluster.InitProducerIdAsync(init, context.Aborted);
        return new InitProducerIdResponse
        {
            ErrorCode = result.Error,
            ProducerId = result.ProducerId,
            ProducerEpoch = result.ProducerEpoch,
        };
    }
}
