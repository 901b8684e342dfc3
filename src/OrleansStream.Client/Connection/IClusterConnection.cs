using Orleans;

namespace OrleansStream.Client;

/// <summary>The way to the cluster's grains.</summary>
internal interface IClusterConnection : IAsyncDisposable
{
    /// <summary>The gateways, for messages; empty when the host's own client or silo is used.</summary>
    IReadOnlyList<string> Bootstrap { get; }

    /// <summary>Makes grain references; waits until there is a connection.</summary>
    /// <exception cref="BrokerUnavailableException">There was none within the connect time-out.</exception>
    ValueTask<IGrainFactory> GetGrainFactoryAsync(CancellationToken cancellationToken);

    /// <summary>The ways to single brokers beside the one to the cluster; null when there is none but that.</summary>
    DirectConnections? Direct => null;
}

/// <summary>The grain factory of this host's own client or silo.</summary>
internal sealed class HostClusterConnection(IGrainFactory grainFactory) : IClusterConnection
{
    public IReadOnlyList<string> Bootstrap => [];

    public ValueTask<IGrainFactory> GetGrainFactoryAsync(CancellationToken cancellationToken) => new(grainFactory);

    public ValueTask DisposeAsync() => default;
}
