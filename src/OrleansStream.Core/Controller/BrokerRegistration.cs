using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>What a broker says of itself while it is alive.</summary>
/// <param name="BrokerId">The broker id.</param>
/// <param name="Endpoints">Where clients reach it over the Kafka protocol.</param>
/// <param name="GatewayHost">The advertised host of the grain client's gateway.</param>
/// <param name="GatewayPort">The port of the grain client's gateway.</param>
/// <param name="Rack">The rack, null for none.</param>
public sealed record BrokerRegistration(int BrokerId, ImmutableArray<BrokerEndpoint> Endpoints, string GatewayHost, int GatewayPort, string? Rack)
{
    /// <inheritdoc/>
    public bool Equals(BrokerRegistration? other)
        => other is not null
            && BrokerId == other.BrokerId
            && Endpoints.SequenceEqual(other.Endpoints)
            && GatewayHost == other.GatewayHost
            && GatewayPort == other.GatewayPort
            && Rack == other.Rack;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(BrokerId, Endpoints.Length, GatewayHost, GatewayPort, Rack);
}
