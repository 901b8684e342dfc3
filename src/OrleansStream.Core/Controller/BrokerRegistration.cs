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
    /// <summary>
    /// A transaction of the metadata store before this registration, since which the broker has had its logs without a loss. It is written
    /// down with the first log: whatever the broker was counted in with before, it does not hold any more. 0 if it does not say.
    /// </summary>
    public long LogsSince { get; init; }

    /// <summary>
    /// A transaction of the metadata store before this registration, since which the broker has always stopped in order. After a kill or a
    /// power failure it may lack what was not flushed (KIP-966). 0 if it does not say.
    /// </summary>
    public long OrderlySince { get; init; }

    /// <inheritdoc/>
    public bool Equals(BrokerRegistration? other)
        => other is not null
            && BrokerId == other.BrokerId
            && Endpoints.SequenceEqual(other.Endpoints)
            && GatewayHost == other.GatewayHost
            && GatewayPort == other.GatewayPort
            && Rack == other.Rack
            && LogsSince == other.LogsSince
            && OrderlySince == other.OrderlySince;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(BrokerId, Endpoints.Length, GatewayHost, GatewayPort, Rack);
}
