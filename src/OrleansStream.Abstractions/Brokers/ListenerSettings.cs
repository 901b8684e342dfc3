using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>What a broker's listeners go by and what changes while they run.</summary>
/// <param name="Version">The number of this state of things; another one has another number, unless the broker was started in between.</param>
/// <param name="Quotas">All client quotas (KIP-13).</param>
/// <param name="MaxConnections"><c>max.connections</c>.</param>
/// <param name="MaxConnectionsPerIp"><c>max.connections.per.ip</c>.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ListenerSettings")]
public sealed record ListenerSettings(
    [property: Id(0)] long Version,
    [property: Id(1)] ClientQuota[] Quotas,
    [property: Id(2)] int MaxConnections,
    [property: Id(3)] int MaxConnectionsPerIp);
