using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Asks for a producer id (KIP-98, KIP-360).</summary>
/// <param name="TransactionalId">Null for a producer that is only idempotent.</param>
/// <param name="TransactionTimeoutMs">How long a transaction may stay open; unused without transactional id.</param>
/// <param name="ProducerId">The current producer id to bump, -1 for a new one.</param>
/// <param name="ProducerEpoch">The current epoch, -1 for a new producer.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.InitProducerIdRequest")]
public sealed record InitProducerIdRequest(
    [property: Id(0)] string? TransactionalId,
    [property: Id(1)] int TransactionTimeoutMs,
    [property: Id(2)] long ProducerId,
    [property: Id(3)] short ProducerEpoch);
