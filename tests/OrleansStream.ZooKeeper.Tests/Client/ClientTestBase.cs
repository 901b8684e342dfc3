using System.Text;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.ZooKeeper.Tests.Client;

/// <summary>A node of its own on the shared server, and a session that looks at it from beside the test.</summary>
public abstract class ClientTestBase(StandaloneServer server) : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _resources = [];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected StandaloneServer Server => server;

    /// <summary>A session that nothing happens to.</summary>
    protected ZooKeeperClient Observer { get; private set; } = null!;

    /// <summary>An existing, empty node.</summary>
    protected string Base { get; } = $"/client-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        ZooKeeperInstallation.SkipIfMissing();
        Observer = await ConnectAsync(server.Address);
        (await Observer.CreateAsync(Base, default, cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.Ok);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var resource in _resources)
        {
            await resource.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected T Owned<T>(T resource)
        where T : IAsyncDisposable
    {
        // The last that was made goes first: clients before their proxies.
        _resources.Insert(0, resource);
        return resource;
    }

    private protected ServerProxy Proxy() => Owned(new ServerProxy(server.Port));

    protected Task<ZooKeeperClient> ConnectAsync(string connectString, TimeSpan? sessionTimeout = null)
        => ConnectAsync(Sessions.Options(connectString, sessionTimeout));

    protected async Task<ZooKeeperClient> ConnectAsync(ZooKeeperOptions options) => Owned(await ZooKeeperClient.ConnectAsync(options, Cancellation));

    protected string At(string name) => $"{Base}/{name}";

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static (Action<WatchEvent> Watch, Task<WatchEvent> Seen) Once()
    {
        var seen = new TaskCompletionSource<WatchEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (seen.SetResult, seen.Task);
    }

    /// <summary>Waits until the client is in a state.</summary>
    protected static async Task ReachedAsync(ZooKeeperClient client, ZooKeeperState state)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.StateChanged += now =>
        {
            if (now == state)
            {
                reached.TrySetResult();
            }
        };
        if (client.State != state)
        {
            await WithinAsync(reached.Task, $"the client to be {state}; it is {client.State}");
        }
    }

    protected static async Task WithinAsync(Task task, string what)
    {
        try
        {
            await task.WaitAsync(Sessions.Patience, Cancellation);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {Sessions.Patience} for {what}.");
        }
    }

    protected static async Task<T> WithinAsync<T>(Task<T> task, string what)
    {
        await WithinAsync((Task)task, what);
        return await task;
    }
}
