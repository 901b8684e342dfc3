using System.Globalization;

namespace OrleansStream.Faults.Network;

/// <summary>Where a broker listens.</summary>
/// <param name="Host">Its address.</param>
/// <param name="KafkaPort">For Kafka clients.</param>
/// <param name="GatewayPort">For native clients.</param>
/// <param name="SiloPort">For other brokers.</param>
public sealed record BrokerEndpoint(string Host, int KafkaPort, int GatewayPort, int SiloPort)
{
    /// <summary>What native clients are told.</summary>
    public string Gateway => string.Create(CultureInfo.InvariantCulture, $"{Host}:{GatewayPort}");

    /// <summary>What Kafka clients are told.</summary>
    public string Kafka => string.Create(CultureInfo.InvariantCulture, $"{Host}:{KafkaPort}");
}
