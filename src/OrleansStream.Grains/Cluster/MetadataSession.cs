using OrleansStream.Metadata;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Grains.Cluster;

/// <summary>This broker's session with the metadata store, and what is read and written through it.</summary>
internal sealed class MetadataSession(IMetadataStore store, TimeProvider time) : IAsyncDisposable
{
    /// <summary>The cluster, its brokers and its controller.</summary>
    public ClusterRegistry Cluster { get; } = new(store, time);

    /// <summary>The topics.</summary>
    public TopicRegistry Topics { get; } = new(store);

    /// <summary>The configurations.</summary>
    public ConfigStore Configs { get; } = new(store, time);

    /// <summary>The client quotas.</summary>
    public QuotaStore Quotas { get; } = new(store);

    /// <summary>Cancelled when the session has ended, and everything that hung on it with it.</summary>
    public CancellationToken Ended => store.SessionEnded;

    public ValueTask DisposeAsync() => store.DisposeAsync();
}

/// <summary>Opens sessions with the metadata store.</summary>
internal interface IMetadataSessions
{
    /// <summary>Opens a new session.</summary>
    /// <exception cref="Hosting.BrokerStartException">The store cannot be used.</exception>
    Task<MetadataSession> OpenAsync(CancellationToken cancellationToken);
}
