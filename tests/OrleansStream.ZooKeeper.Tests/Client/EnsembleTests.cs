using System.Text;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.ZooKeeper.Tests.Client;

/// <summary>Three servers, of which some are killed.</summary>
public sealed class EnsembleTests : IAsyncLifetime
{
    private Ensemble _ensemble = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        ZooKeeperInstallation.SkipIfMissing();
        _ensemble = new Ensemble(3);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_ensemble is not null)
        {
            await _ensemble.DisposeAsync();
        }
    }

    [Fact]
    public async Task Session_MovesWithItsNodesAndWatches_WhenItsServerAndTheLeaderAreKilled()
    {
        await using var client = await ZooKeeperClient.ConnectAsync(Sessions.Options(_ensemble.Addresses), Cancellation);
        await using var observer = await ZooKeeperClient.ConnectAsync(Sessions.Options(_ensemble.Addresses), Cancellation);
        var sessionId = client.SessionId;
        await client.CreateAsync("/e", default, ZNodeMode.Ephemeral, cancellationToken: Cancellation);
        var seen = new TaskCompletionSource<WatchEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        await client.ExistsAsync("/later", seen.SetResult, Cancellation);

        var leader = await _ensemble.LeaderAsync(Cancellation);
        await leader.KillAsync();
        await WriteUntilAnsweredAsync(observer, "/later");

        (await seen.Task.WaitAsync(Sessions.Patience, Cancellation)).ShouldBe(new WatchEvent(WatchEventType.NodeCreated, "/later"));
        var owner = await client.ExistsAsync("/e", cancellationToken: Cancellation);
        owner.Value.EphemeralOwner.ShouldBe(sessionId);
        client.SessionId.ShouldBe(sessionId);

        // The killed server comes back and the others are restarted one by one: never more than one is away.
        leader.Start();
        foreach (var server in _ensemble.Servers.Where(server => server != leader))
        {
            await ServesAsync(leader);
            await server.KillAsync();
            await WriteUntilAnsweredAsync(observer, $"/after-{server.Port}");
            server.Start();
            await ServesAsync(server);
        }

        (await client.ExistsAsync("/e", cancellationToken: Cancellation)).Value.EphemeralOwner.ShouldBe(sessionId);
    }

    [Fact]
    public async Task Sync_ShowsWhatAnotherServerWasTold_WhenClientsAreOnDifferentServers()
    {
        var clients = new List<ZooKeeperClient>();
        foreach (var server in _ensemble.Servers)
        {
            clients.Add(await ZooKeeperClient.ConnectAsync(Sessions.Options(server.Address), Cancellation));
        }

        (await clients[0].CreateAsync("/n", default, cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.Ok);
        for (var round = 0; round < 30; round++)
        {
            var text = $"{round}";
            (await clients[round % 3].SetDataAsync("/n", Encoding.UTF8.GetBytes(text), -1, Cancellation)).IsSuccess.ShouldBeTrue();
            foreach (var client in clients)
            {
                (await client.SyncAsync(cancellationToken: Cancellation)).ShouldBe(ZooKeeperError.Ok);
                Encoding.UTF8.GetString((await client.GetDataAsync("/n", cancellationToken: Cancellation)).Value.Data.Span).ShouldBe(text);
            }
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>A write may be lost with its server; the client finds another one by itself.</summary>
    private static async Task WriteUntilAnsweredAsync(ZooKeeperClient client, string path)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Sessions.Patience);
        while (true)
        {
            try
            {
                (await client.CreateAsync(path, default, cancellationToken: patience.Token)).Error.ShouldBeOneOf(ZooKeeperError.Ok, ZooKeeperError.NodeExists);
                return;
            }
            catch (ZooKeeperConnectionLossException)
            {
                patience.Token.ThrowIfCancellationRequested();
            }
        }
    }

    private static async Task ServesAsync(ZooKeeperServer server)
    {
        await using var client = await ZooKeeperClient.ConnectAsync(Sessions.Options(server.Address), Cancellation);
        (await client.SyncAsync(cancellationToken: Cancellation)).ShouldBe(ZooKeeperError.Ok);
    }
}
