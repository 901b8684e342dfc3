using System.Text;

namespace OrleansStream.Metadata.Tests.Contract;

/// <summary>
/// What every <see cref="IMetadataStore"/> does. An implementation derives a class that opens sessions on one tree; each test works
/// below a node of its own, so that a server's own nodes do not matter.
/// </summary>
public abstract partial class MetadataStoreContract : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<IMetadataStore> _sessions = [];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The session that most tests use.</summary>
    protected IMetadataStore Store { get; private set; } = null!;

    /// <summary>An existing, empty, persistent node.</summary>
    protected string Base { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Store = await SessionAsync();
        var created = await Store.CreateAsync($"/contract-{Guid.NewGuid():N}", default, cancellationToken: Cancellation);
        Base = created.Value.Path;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
        {
            await session.DisposeAsync();
        }

        await CloseTreeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens a session on the test's tree.</summary>
    protected abstract Task<IMetadataStore> OpenSessionAsync();

    /// <summary>Ends a session from outside, as a server does that has not heard of a client.</summary>
    protected abstract Task ExpireAsync(IMetadataStore session);

    /// <summary>Lets go of the test's tree.</summary>
    protected abstract ValueTask CloseTreeAsync();

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(NodeData data) => Encoding.UTF8.GetString(data.Data.Span);

    protected async Task<IMetadataStore> SessionAsync()
    {
        var session = await OpenSessionAsync();
        _sessions.Add(session);
        return session;
    }

    protected string At(string name) => $"{Base}/{name}";

    protected async Task<CreatedNode> CreateAsync(string name, string data = "", CreateMode mode = CreateMode.Persistent)
        => (await Store.CreateAsync(At(name), Bytes(data), mode, Cancellation)).Value;

    /// <summary>Waits for a watch.</summary>
    protected static async Task<WatchEvent> SeenAsync(Task<WatchEvent> watch, string what)
    {
        try
        {
            return await watch.WaitAsync(Patience, Cancellation);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The watch for {what} was not called within {Patience}.");
        }
    }

    /// <summary>A one-shot watch as a task; a second call would throw.</summary>
    protected static (Action<WatchEvent> Watch, Task<WatchEvent> Seen) Once()
    {
        var seen = new TaskCompletionSource<WatchEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (seen.SetResult, seen.Task);
    }
}
