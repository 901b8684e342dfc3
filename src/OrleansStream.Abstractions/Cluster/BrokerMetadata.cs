using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A broker and where clients reach it.</summary>
/// <param name="BrokerId">The broker id.</param>
/// <param name="Host">The advertised host.</param>
/// <param name="KafkaPort">The port of the Kafka listener.</param>
/// <param name="GatewayPort">The port of the grain client's gateway.</param>
/// <param name="Rack">The rack, null for none.</param>
/// <param name="BrokerEpoch">The epoch of this registration (KIP-380).</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.BrokerMetadata")]
public sealed record BrokerMetadata(
    [property: Id(0)] int BrokerId,
    [property: Id(1)] string Host,
    [property: Id(2)] int KafkaPort,
    [property: Id(3)] int GatewayPort,
    [property: Id(4)] string? Rack,
    [property: Id(5)] long BrokerEpoch);
