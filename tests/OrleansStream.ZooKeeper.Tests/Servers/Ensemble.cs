namespace OrleansStream.ZooKeeper.Tests.Servers;

/// <summary>Servers that elect a leader among themselves.</summary>
internal sealed class Ensemble : IAsyncDisposable
{
    private readonly ZooKeeperServer[] _servers;

    public Ensemble(int count)
    {
        var members = Enumerable.Range(1, count)
            .Select(id => $"server.{id}=127.0.0.1:{ZooKeeperServer.FreePort()}:{ZooKeeperServer.FreePort()}")
            .Append("initLimit=20")
            .Append("syncLimit=10")
            .Append("standaloneEnabled=false")
            .ToArray();
        _servers = [.. Enumerable.Range(1, count).Select(id => new ZooKeeperServer(ZooKeeperServer.FreePort(), members, id).Start())];
    }

    public IReadOnlyList<ZooKeeperServer> Servers => _servers;

    public string Addresses => string.Join(',', _servers.Select(server => server.Address));

    /// <summary>The leader; there is one when a client is connected.</summary>
    public async Task<ZooKeeperServer> LeaderAsync(CancellationToken cancellationToken)
    {
        foreach (var server in _servers)
        {
            if (await server.ModeAsync(cancellationToken) == "leader")
            {
                return server;
            }
        }

        throw new InvalidOperationException("No server leads.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
