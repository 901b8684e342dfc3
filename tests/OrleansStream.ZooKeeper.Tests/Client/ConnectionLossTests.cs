using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.ZooKeeper.Tests.Client;

/// <summary>A proxy loses connections and bytes between a client and the server.</summary>
public sealed class ConnectionLossTests(StandaloneServer server) : ClientTestBase(server)
{
    [Fact]
    public async Task Session_GoesOn_WhenTheConnectionIsLostForAShortTime()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address);
        await client.CreateAsync(At("e"), default, ZNodeMode.Ephemeral, cancellationToken: Cancellation);
        var sessionId = client.SessionId;

        proxy.Cut();
        await ReachedAsync(client, ZooKeeperState.Connecting);
        proxy.Restore();
        await ReachedAsync(client, ZooKeeperState.Connected);

        client.SessionId.ShouldBe(sessionId);
        client.SessionEnded.IsCancellationRequested.ShouldBeFalse();
        (await client.ExistsAsync(At("e"), cancellationToken: Cancellation)).Value.EphemeralOwner.ShouldBe(sessionId);
    }

    [Fact]
    public async Task EndSession_TakesItsNodesAway_OfAClientThatIsGone()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address);
        await client.CreateAsync(At("e"), default, ZNodeMode.Ephemeral, cancellationToken: Cancellation);
        var (watch, seen) = Once();
        (await Observer.ExistsAsync(At("e"), watch, Cancellation)).IsSuccess.ShouldBeTrue();
        var credentials = client.Credentials;
        proxy.Cut();
        await ReachedAsync(client, ZooKeeperState.Connecting);
        var options = Sessions.Options(Server.Address, null);

        (await ZooKeeperClient.EndSessionAsync(options, credentials with { Password = new byte[16] }, Cancellation)).ShouldBeFalse("the password is wrong");
        (await ZooKeeperClient.EndSessionAsync(options, credentials, Cancellation)).ShouldBeTrue();

        (await WithinAsync(seen, "the node to go")).Type.ShouldBe(WatchEventType.NodeDeleted);
        (await ZooKeeperClient.EndSessionAsync(options, credentials, Cancellation)).ShouldBeFalse("it has ended");
    }

    [Fact]
    public async Task Write_FailsWithUnknownOutcome_WhenItsAnswerIsLost()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address);
        proxy.HoldAnswers();
        var write = client.CreateAsync(At("a"), default, cancellationToken: Cancellation);
        await WithinAsync(proxy.AnswerHeld, "the server's answer");

        proxy.Drop();
        var thrown = await Should.ThrowAsync<ZooKeeperConnectionLossException>(() => WithinAsync(write, "the write to fail"));
        proxy.Restore();

        thrown.IsOutcomeUnknown.ShouldBeTrue();
        (await client.ExistsAsync(At("a"), cancellationToken: Cancellation)).IsSuccess.ShouldBeTrue("it did take effect");
    }

    [Fact]
    public async Task Write_IsNeverSent_WhenItIsCancelledWhileThereIsNoConnection()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address);
        proxy.Cut();
        await ReachedAsync(client, ZooKeeperState.Connecting);
        using var cancellation = new CancellationTokenSource();
        var cancelled = client.CreateAsync(At("cancelled"), default, cancellationToken: cancellation.Token);
        var kept = client.CreateAsync(At("kept"), default, cancellationToken: Cancellation);

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled);
        proxy.Restore();

        (await WithinAsync(kept, "the write behind it")).IsSuccess.ShouldBeTrue();
        (await Observer.ExistsAsync(At("cancelled"), cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.NoNode);
    }

    [Fact]
    public async Task Read_IsAnsweredByTheNextConnection_WhenItsAnswerIsLost()
    {
        await Observer.SetDataAsync(Base, Bytes("seen"), -1, Cancellation);
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address);
        proxy.HoldAnswers();
        var (watch, seen) = Once();
        var first = client.GetDataAsync(Base, watch, Cancellation);
        var second = client.GetChildrenAsync(Base, cancellationToken: Cancellation);
        await WithinAsync(proxy.AnswerHeld, "the server's answer");

        proxy.Drop();
        proxy.Restore();

        (await WithinAsync(first, "the first read")).Value.Data.ToArray().ShouldBe(Bytes("seen"));
        (await WithinAsync(second, "the second read")).IsSuccess.ShouldBeTrue();
        await Observer.SetDataAsync(Base, default, -1, Cancellation);
        (await WithinAsync(seen, "the watch of the repeated read")).Type.ShouldBe(WatchEventType.NodeDataChanged);
    }

    [Fact]
    public async Task Requests_WaitForTheNextConnection_WhenTheyWereNotSent()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address);
        proxy.Cut();
        await ReachedAsync(client, ZooKeeperState.Connecting);

        var write = client.CreateAsync(At("a"), default, cancellationToken: Cancellation);
        var read = client.ExistsAsync(At("a"), cancellationToken: Cancellation);
        proxy.Restore();

        (await WithinAsync(write, "the write")).IsSuccess.ShouldBeTrue();
        (await WithinAsync(read, "the read")).IsSuccess.ShouldBeTrue("it was called after the write");
    }

    [Fact]
    public async Task Requests_FailWithoutEffect_WhenThereIsNoConnectionForTooLong()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(new ZooKeeperOptions
        {
            ConnectString = ConnectString.Parse(proxy.Address),
            ConnectionTimeout = Sessions.Patience,
            RequestWait = TimeSpan.FromMilliseconds(100),
        });
        proxy.Cut();
        await ReachedAsync(client, ZooKeeperState.Connecting);

        var thrown = await Should.ThrowAsync<ZooKeeperConnectionLossException>(
            () => WithinAsync(client.CreateAsync(At("a"), default, cancellationToken: Cancellation), "the write to fail"));

        thrown.IsOutcomeUnknown.ShouldBeFalse();
        proxy.Restore();
        await ReachedAsync(client, ZooKeeperState.Connected);
        (await client.ExistsAsync(At("a"), cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.NoNode);
    }

    [Fact]
    public async Task Watches_SeeWhatHappenedMeanwhile_WhenTheConnectionIsBack()
    {
        await Observer.CreateAsync(At("data"), default, cancellationToken: Cancellation);
        await Observer.CreateAsync(At("deleted"), default, cancellationToken: Cancellation);
        var proxy = Proxy();
        var client = await ConnectAsync($"{proxy.Address}{Base}");
        var (onData, data) = Once();
        var (onDeleted, deleted) = Once();
        var (onCreated, created) = Once();
        var (onChildren, children) = Once();
        var (onLater, later) = Once();
        await client.GetDataAsync("/data", onData, Cancellation);
        await client.ExistsAsync("/deleted", onDeleted, Cancellation);
        await client.ExistsAsync("/created", onCreated, Cancellation);
        await client.GetChildrenAsync("/", onChildren, Cancellation);
        await client.ExistsAsync("/later", onLater, Cancellation);
        proxy.Cut();
        await ReachedAsync(client, ZooKeeperState.Connecting);

        await Observer.SetDataAsync(At("data"), Bytes("new"), -1, Cancellation);
        await Observer.DeleteAsync(At("deleted"), -1, Cancellation);
        await Observer.CreateAsync(At("created"), default, cancellationToken: Cancellation);
        proxy.Restore();

        (await WithinAsync(data, "the data")).ShouldBe(new WatchEvent(WatchEventType.NodeDataChanged, "/data"));
        (await WithinAsync(deleted, "the deletion")).ShouldBe(new WatchEvent(WatchEventType.NodeDeleted, "/deleted"));
        (await WithinAsync(created, "the creation")).ShouldBe(new WatchEvent(WatchEventType.NodeCreated, "/created"));
        (await WithinAsync(children, "the children")).ShouldBe(new WatchEvent(WatchEventType.NodeChildrenChanged, "/"));
        later.IsCompleted.ShouldBeFalse("nothing has happened there");
        await Observer.CreateAsync(At("later"), default, cancellationToken: Cancellation);
        (await WithinAsync(later, "a change after the reconnect")).ShouldBe(new WatchEvent(WatchEventType.NodeCreated, "/later"));
    }

    [Fact]
    public async Task Watches_AreAllSetAgain_WhenThereAreTooManyForOneRequest()
    {
        const int Count = 3000;
        var name = new string('n', 100);
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address);
        var seen = new CountdownEvent(Count);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => client.ExistsAsync(At($"{name}{i}"), _ => seen.Signal(), Cancellation)));
        proxy.Cut();
        await ReachedAsync(client, ZooKeeperState.Connecting);

        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => Observer.CreateAsync(At($"{name}{i}"), default, cancellationToken: Cancellation)));
        proxy.Restore();

        await WithinAsync(Task.Run(() => seen.Wait(Cancellation), Cancellation), "all watches");
    }

    [Fact]
    public async Task Credentials_GoAlong_WhenTheConnectionIsLost()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address);
        await client.AddAuthAsync(AuthInfo.Digest("bob", "secret"), Cancellation);
        await client.CreateAsync(At("a"), default, acl: AclEntry.CreatorOnly, cancellationToken: Cancellation);

        var lost = ReachedAsync(client, ZooKeeperState.Connecting);
        proxy.Drop();
        await lost;

        (await WithinAsync(client.GetDataAsync(At("a"), cancellationToken: Cancellation), "the read")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Client_LooksForAnotherConnection_WhenTheServerFallsSilent()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address, TimeSpan.FromSeconds(2));
        proxy.Silence();

        await ReachedAsync(client, ZooKeeperState.Connecting);
        proxy.Restore();

        // In time or not: the server's word decides.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = client.SessionEnded.Register(ended.SetResult);
        await WithinAsync(Task.WhenAny(ReachedAsync(client, ZooKeeperState.Connected), ended.Task), "a connection, or the end of the session");
    }

    [Fact]
    public async Task Client_StaysConnected_WhenItHasNothingToSay()
    {
        var client = await ConnectAsync(Server.Address, TimeSpan.FromSeconds(1));
        var states = new List<ZooKeeperState>();
        client.StateChanged += states.Add;
        await Observer.CreateAsync(At("e"), default, ZNodeMode.PersistentWithTtl, timeToLive: TimeSpan.FromSeconds(2.5), cancellationToken: Cancellation);
        var (watch, gone) = Once();
        await client.ExistsAsync(At("e"), watch, Cancellation);

        await WithinAsync(gone, "more than two session time-outs");

        states.ShouldBeEmpty("pings keep the session");
    }

    [Fact]
    public async Task Expiry_EndsTheClient_WhenItIsAwayForTooLong()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address, TimeSpan.FromSeconds(1));
        await client.CreateAsync(At("e"), default, ZNodeMode.Ephemeral, cancellationToken: Cancellation);
        var (onOwn, own) = Once();
        var (onGone, gone) = Once();
        await client.ExistsAsync(At("none"), onOwn, Cancellation);
        (await Observer.ExistsAsync(At("e"), onGone, Cancellation)).IsSuccess.ShouldBeTrue();

        proxy.Cut();
        await WithinAsync(gone, "the server to give up the session");
        client.SessionEnded.IsCancellationRequested.ShouldBeFalse("only a server can say that");
        var waiting = client.SetDataAsync(Base, default, -1, Cancellation);
        proxy.Restore();

        (await Should.ThrowAsync<ZooKeeperSessionExpiredException>(() => WithinAsync(waiting, "the waiting request"))).SessionId.ShouldBe(client.SessionId);
        (await WithinAsync(own, "the watch")).Type.ShouldBe(WatchEventType.SessionEnded);
        await ReachedAsync(client, ZooKeeperState.Expired);
        await Should.ThrowAsync<ZooKeeperSessionExpiredException>(() => client.GetDataAsync(Base, cancellationToken: Cancellation));
        await client.DisposeAsync();
        client.State.ShouldBe(ZooKeeperState.Expired);
    }

    [Fact]
    public async Task Dispose_IsQuick_WhenThereIsNoConnection()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(proxy.Address);
        proxy.Cut();
        await ReachedAsync(client, ZooKeeperState.Connecting);
        var waiting = client.GetDataAsync(Base, cancellationToken: Cancellation);

        await WithinAsync(client.DisposeAsync().AsTask(), "the client to close");

        await Should.ThrowAsync<ObjectDisposedException>(() => waiting);
        client.State.ShouldBe(ZooKeeperState.Closed);
        client.SessionEnded.IsCancellationRequested.ShouldBeTrue();
    }
}
