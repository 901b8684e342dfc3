using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansStream.ZooKeeper;

namespace OrleansStream.Clustering.ZooKeeper;

/// <summary>The session that a process reads and writes the membership table in.</summary>
internal sealed class TableSession : IAsyncDisposable
{
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(10);

    private readonly string _connectionString;
    private readonly RenewedSession _session;

    public TableSession(string connectionString, TimeProvider time, ILogger logger)
    {
        _connectionString = connectionString;
        _session = new RenewedSession(() => ConnectString.TryParse(connectionString, out var servers, out var problem)
            ? new ZooKeeperOptions { ConnectString = servers, SessionTimeout = SessionTimeout, RequestWait = SessionTimeout, Time = time, Logger = logger }
            : throw new OrleansConfigurationException($"The ConnectionString of ZooKeeper is not valid: {problem}"));
    }

    /// <exception cref="OrleansException">ZooKeeper cannot be reached, or refuses.</exception>
    public async Task<T> UseAsync<T>(Func<ZooKeeperClient, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(await _session.GetAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZooKeeperException or ObjectDisposedException)
        {
            throw new OrleansException($"The membership table in ZooKeeper ({_connectionString}) cannot be used: {e.Message}", e);
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
