namespace OrleansStream.Core.Controller;

/// <summary>Where clients reach a broker over the Kafka protocol.</summary>
/// <param name="ListenerName">The listener, for example <c>PLAINTEXT</c>.</param>
/// <param name="SecurityProtocol">PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.</param>
/// <param name="Host">The advertised host.</param>
/// <param name="Port">The advertised port.</param>
public sealed record BrokerEndpoint(string ListenerName, string SecurityProtocol, string Host, int Port);
