using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansStream.Core.Configuration;
using OrleansStream.Grains.DataDirectories;
using OrleansStream.Grains.Hosting;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper;
using OrleansStream.ZooKeeper.Store;

namespace OrleansStream.Grains.Cluster;

/// <summary>Sessions with ZooKeeper: this broker is one of several.</summary>
internal sealed partial class ZooKeeperMetadataSessions(
    IOptions<BrokerOptions> options, DataDirectoryHolder directory, TimeProvider time, ILogger<ZooKeeperClient> logger)
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
            if (_last is null)
            {
                // That it has ended already is the normal case, and no news.
                await EndLastLifeAsync(Options(connectString, NullLogger.Instance), cancellationToken);
            }

            _last = await ZooKeeperMetadataStore.OpenAsync(Options(connectString, logger), cancellationToken: cancellationToken);
            await NoteAsync(_last.Client.Credentials);
            return new MetadataSession(_last, time);
        }
        catch (MetadataStoreException exception)
        {
            throw new BrokerStartException($"ZooKeeper cannot be used: {exception.Message}", exception);
        }

        ZooKeeperOptions Options(ConnectString servers, ILogger log) => new()
        {
            ConnectString = servers,
            SessionTimeout = sessionTimeout,
            ConnectionTimeout = TimeSpan.FromMilliseconds(broker.Get(BrokerConfigKeys.ZooKeeperConnectionTimeoutMs)),
            RequestWait = sessionTimeout,
            Time = time,
            Logger = log,
        };
    }

    /// <summary>Closes a session that nobody came to use; the others are closed already.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_last is not null)
        {
            await _last.DisposeAsync();
        }
    }

    /// <summary>A broker that was killed has left its session, and with it its registration: this life cannot register before that is gone.</summary>
    private async Task EndLastLifeAsync(ZooKeeperOptions zooKeeper, CancellationToken cancellationToken)
    {
        if (await SessionHistory.ReadAsync(directory.Directory.Path) is not { } left)
        {
            return;
        }

        try
        {
            if (await ZooKeeperClient.EndSessionAsync(zooKeeper, left, cancellationToken))
            {
                LogEnded(logger, left.SessionId);
            }
        }
        catch (ZooKeeperException exception)
        {
            throw new BrokerStartException($"ZooKeeper cannot be used: {exception.Message}", exception);
        }
    }

    private async Task NoteAsync(SessionCredentials session)
    {
        try
        {
            await SessionHistory.WriteAsync(directory.Directory.Path, session);
        }
        catch (IOException exception)
        {
            // A full disk must not keep the broker from serving what it has.
            LogNotNoted(logger, exception);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The session 0x{SessionId:x}, which an earlier life of this broker has left behind, is ended")]
    private static partial void LogEnded(ILogger logger, long sessionId);

    [LoggerMessage(2, LogLevel.Warning, "The session could not be noted on disk; should the broker be killed, its next start waits until ZooKeeper has ended it")]
    private static partial void LogNotNoted(ILogger logger, Exception exception);
}
