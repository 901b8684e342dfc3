using OrleansStream.ZooKeeper.Tests.Servers;

[assembly: AssemblyFixture(typeof(StandaloneServer))]

namespace OrleansStream.ZooKeeper.Tests.Servers;

/// <summary>The one server that most tests share; each works in a chroot or with names of its own.</summary>
public sealed class StandaloneServer : IAsyncDisposable
{
    private readonly Lazy<ZooKeeperServer> _server = new(() => new ZooKeeperServer(ZooKeeperServer.FreePort()).Start());

    public string Address => _server.Value.Address;

    public int Port => _server.Value.Port;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await _server.Value.DisposeAsync();
        }
    }
}
