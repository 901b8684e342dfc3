using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.ZooKeeper.Tests.Client;

/// <summary>What a client can do beyond the contract of metadata stores.</summary>
public sealed class ZooKeeperClientTests(StandaloneServer server) : ClientTestBase(server)
{
    [Fact]
    public async Task Connect_Fails_WhenNobodyListens()
    {
        var port = ZooKeeperServer.FreePort();
        var options = new ZooKeeperOptions
        {
            ConnectString = ConnectString.Parse($"127.0.0.1:{port}"),
            ConnectionTimeout = TimeSpan.FromMilliseconds(300),
        };

        var thrown = await Should.ThrowAsync<ZooKeeperConnectionLossException>(() => ZooKeeperClient.ConnectAsync(options, Cancellation));

        thrown.IsOutcomeUnknown.ShouldBeFalse();
        thrown.Message.ShouldContain($"127.0.0.1:{port}");
    }

    [Fact]
    public async Task Create_MakesAContainer_ThatGoesWithItsLastChild()
    {
        var (watch, gone) = Once();
        await Observer.CreateAsync(At("c"), default, ZNodeMode.Container, cancellationToken: Cancellation);
        await Observer.CreateAsync(At("c/child"), default, cancellationToken: Cancellation);
        (await Observer.ExistsAsync(At("c"), watch, Cancellation)).IsSuccess.ShouldBeTrue();

        await Observer.DeleteAsync(At("c/child"), -1, Cancellation);

        (await WithinAsync(gone, "the container to be deleted")).Type.ShouldBe(WatchEventType.NodeDeleted);
    }

    [Fact]
    public async Task Create_MakesANodeWithTimeToLive_ThatGoesByItself()
    {
        var created = await Observer.CreateAsync(
            At("t-"), Bytes("x"), ZNodeMode.PersistentSequentialWithTtl, timeToLive: TimeSpan.FromMilliseconds(50), cancellationToken: Cancellation);
        created.Value.Path.ShouldBe(At("t-0000000000"));
        var (watch, gone) = Once();

        if ((await Observer.ExistsAsync(created.Value.Path, watch, Cancellation)).IsSuccess)
        {
            (await WithinAsync(gone, "the node to be deleted")).Type.ShouldBe(WatchEventType.NodeDeleted);
        }
    }

    [Fact]
    public async Task Create_Throws_WhenTimeToLiveAndModeDoNotFit()
    {
        await Should.ThrowAsync<ArgumentException>(() => Observer.CreateAsync(At("t"), default, ZNodeMode.PersistentWithTtl));
        await Should.ThrowAsync<ArgumentException>(() => Observer.CreateAsync(At("t"), default, timeToLive: TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Acl_KeepsOthersOut_UntilTheyProveWhoTheyAre()
    {
        var owner = await ConnectAsync(new ZooKeeperOptions
        {
            ConnectString = ConnectString.Parse(Server.Address),
            ConnectionTimeout = Sessions.Patience,
            Auth = [AuthInfo.Digest("alice", "secret")],
        });
        await owner.CreateAsync(At("a"), Bytes("x"), acl: AclEntry.CreatorOnly, cancellationToken: Cancellation);
        var other = await ConnectAsync(Server.Address);

        (await other.GetDataAsync(At("a"), cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.NoAuth);
        (await other.SetAclAsync(At("a"), AclEntry.OpenToAll, -1, Cancellation)).Error.ShouldBe(ZooKeeperError.NoAuth);
        await other.AddAuthAsync(AuthInfo.Digest("alice", "secret"), Cancellation);

        (await other.GetDataAsync(At("a"), cancellationToken: Cancellation)).IsSuccess.ShouldBeTrue();
        var acl = (await other.GetAclAsync(At("a"), Cancellation)).Value;
        acl.Entries.ShouldBe([AclEntry.Digest("alice", "secret")]);
        (await other.SetAclAsync(At("a"), AclEntry.OpenToAll, acl.Stat.AclVersion, Cancellation)).Value.AclVersion.ShouldBe(1);
        (await other.SetAclAsync(At("a"), AclEntry.OpenToAll, acl.Stat.AclVersion, Cancellation)).Error.ShouldBe(ZooKeeperError.BadVersion);
        (await Observer.GetDataAsync(At("a"), cancellationToken: Cancellation)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task AddAuth_EndsTheSession_WhenTheSchemeIsUnknown()
    {
        var client = await ConnectAsync(Server.Address);
        var (watch, ended) = Once();
        await client.GetDataAsync(Base, watch, Cancellation);

        await Should.ThrowAsync<ZooKeeperAuthFailedException>(() => client.AddAuthAsync(new AuthInfo("no-such-scheme", default), Cancellation));

        (await WithinAsync(ended, "the watch to be told")).Type.ShouldBe(WatchEventType.SessionEnded);
        client.State.ShouldBe(ZooKeeperState.AuthFailed);
        await Should.ThrowAsync<ZooKeeperAuthFailedException>(() => client.GetDataAsync(Base, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Chroot_IsMadeAndHidden_WhenTheConnectStringNamesOne()
    {
        var client = await ConnectAsync($"{Server.Address}{Base}/deep/root");
        (await client.GetChildrenAsync("/", cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.NoNode);
        await client.EnsureChrootAsync(cancellationToken: Cancellation);
        await client.EnsureChrootAsync(cancellationToken: Cancellation);
        var (watch, seen) = Once();
        (await client.GetChildrenAsync("/", watch, Cancellation)).Value.Names.ShouldBeEmpty();

        (await client.CreateAsync("/a", default, cancellationToken: Cancellation)).Value.Path.ShouldBe("/a");

        (await WithinAsync(seen, "the child")).ShouldBe(new WatchEvent(WatchEventType.NodeChildrenChanged, "/"));
        (await Observer.ExistsAsync($"{Base}/deep/root/a", cancellationToken: Cancellation)).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Requests_AreRefused_WhenTooManyWait()
    {
        var proxy = Proxy();
        var client = await ConnectAsync(new ZooKeeperOptions
        {
            ConnectString = ConnectString.Parse(proxy.Address),
            ConnectionTimeout = Sessions.Patience,
            MaxRequests = 3,
        });
        proxy.HoldAnswers();
        var waiting = Enumerable.Range(0, 3).Select(_ => client.GetDataAsync(Base, cancellationToken: Cancellation)).ToArray();

        var thrown = await Should.ThrowAsync<ZooKeeperConnectionLossException>(() => client.GetDataAsync(Base, cancellationToken: Cancellation));
        proxy.Restore();

        thrown.IsOutcomeUnknown.ShouldBeFalse();
        (await WithinAsync(Task.WhenAll(waiting), "the requests that were taken")).ShouldAllBe(result => result.IsSuccess);
    }

    [Fact]
    public async Task Request_Throws_WhenItIsLargerThanTheServersTake()
        => (await Should.ThrowAsync<ArgumentException>(() => Observer.SetDataAsync(Base, new byte[0xfffff], -1, Cancellation)))
            .Message.ShouldContain("1048575");

    [Fact]
    public async Task Watch_DoesNotHarmTheOthers_WhenItThrows()
    {
        var (watch, seen) = Once();
        await Observer.GetDataAsync(Base, _ => throw new InvalidOperationException("a bad watch"), Cancellation);
        await Observer.GetDataAsync(Base, watch, Cancellation);

        await Observer.SetDataAsync(Base, default, -1, Cancellation);

        await WithinAsync(seen, "the good watch");
        Observer.State.ShouldBe(ZooKeeperState.Connected);
    }
}
