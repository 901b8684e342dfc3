using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansStream.Core.Configuration;
using OrleansStream.Grains.Hosting;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper;
using OrleansStream.ZooKeeper.Store;

namespace OrleansStream.Grains.Cluster;

/// <summary>Sessions with ZooKeeper: this broker is one of several.</summary>
internal sealed class ZooKeeperMetadataSessions(IOptions<BrokerOptions> options, TimeProvider time, ILogger<ZooKeeperClient> logger)
    : IMetadataSessions, IAsyncDisposable
{
    private ZooKeeperMetadataStore? _last;

    public async Task<MetadataSession> OpenAsync(CancellationToken cancellationToken)
    {
        var text = options.Value.ZooKeeper;
        if (!ConnectString.TryParse(text, out var connectString, out var problem))
        {
            throw new BrokerStartException($"zookeeper is not valid: {problem}");
        }

        var broker = BrokerConfig.Create(options.Value.Configs).Value;
        var sessionTimeout = TimeSpan.FromMilliseconds(broker.Get(BrokerConfigKeys.ZooKeeperSessionTimeoutMs));
        try
        {
            _last = await ZooKeeperMetadataStore.OpenAsync(
                new ZooKeeperOptions
                {
                    ConnectString = connectString,
                    SessionTimeout = sessionTimeout,
                    ConnectionTimeout = TimeSpan.FromMilliseconds(broker.Get(BrokerConfigKeys.ZooKeeperConnectionTimeoutMs)),
                    RequestWait = sessionTimeout,
                    Time = time,
                    Logger = logger,
                },
                cancellationToken: cancellationToken);
            return new MetadataSession(_last, time);
        }
        catch (MetadataStoreException exception)
        {
            throw new BrokerStartException($"ZooKeeper cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Closes a session that nobody came to use; the others are closed already.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_last is not null)
        {
            await _last.DisposeAsync();
        }
    }
}
