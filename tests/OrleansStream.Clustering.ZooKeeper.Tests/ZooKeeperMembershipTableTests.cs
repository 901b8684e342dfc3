using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansStream.ZooKeeper;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Clustering.ZooKeeper.Tests;

/// <summary>What Orleans demands of every membership table, and the layout of Orleans' own provider for ZooKeeper.</summary>
public sealed class ZooKeeperMembershipTableTests(StandaloneServer server) : IAsyncLifetime
{
    private static readonly DateTime Now = new(2026, 5, 17, 12, 34, 56, 789, DateTimeKind.Utc);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<IAsyncDisposable> _resources = [];
    private readonly string _clusterId = $"cluster-{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        ZooKeeperInstallation.SkipIfMissing();
        await WhenReachedAsync(Table());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var resource in Enumerable.Reverse(_resources))
        {
            await resource.DisposeAsync();
        }
    }

    [Fact]
    public async Task ReadAll_IsEmpty_WhenTheTableIsNew()
    {
        await Table().InitializeMembershipTableAsync(true, Cancellation);

        var data = await Table().ReadAllAsync(Cancellation);

        data.Members.ShouldBeEmpty();
        data.Version.Version.ShouldBe(0);
        data.Version.VersionEtag.ShouldNotBeNull();
    }

    [Fact]
    public async Task InsertRow_IsSeenByOtherTables_WithAllOfTheEntry()
    {
        var (one, other) = (Table(), Table());
        var entry = Entry(1, SiloStatus.Active);
        entry.AddSuspector(Entry(2).SiloAddress, Now.AddMinutes(1));
        var before = await one.ReadAllAsync(Cancellation);

        (await one.InsertRowAsync(entry, before.Version.Next(), Cancellation)).ShouldBeTrue();

        var all = await other.ReadAllAsync(Cancellation);
        var (read, etag) = all.Members.Single();
        all.Version.Version.ShouldBe(before.Version.Version + 1);
        etag.ShouldNotBeNull();
        ShouldBeTheSame(read, entry);
        var row = await other.ReadRowAsync(entry.SiloAddress, Cancellation);
        row.Version.Version.ShouldBe(all.Version.Version);
        ShouldBeTheSame(row.Members.Single().Item1, entry);
        row.Members.Single().Item2.ShouldBe(etag);
        (await other.ReadRowAsync(Entry(7).SiloAddress, Cancellation)).Members.ShouldBeEmpty();
    }

    [Fact]
    public async Task InsertRow_FailsAndChangesNothing_WhenTheRowExistsOrTheVersionIsOld()
    {
        var table = Table();
        var version = (await table.ReadAllAsync(Cancellation)).Version;
        (await table.InsertRowAsync(Entry(1), version.Next(), Cancellation)).ShouldBeTrue();
        var current = (await table.ReadAllAsync(Cancellation)).Version;

        (await table.InsertRowAsync(Entry(1), current.Next(), Cancellation)).ShouldBeFalse("the row exists");
        (await table.InsertRowAsync(Entry(2), version.Next(), Cancellation)).ShouldBeFalse("the version is old");

        var data = await table.ReadAllAsync(Cancellation);
        data.Members.Count.ShouldBe(1);
        data.Version.VersionEtag.ShouldBe(current.VersionEtag);
    }

    [Fact]
    public async Task UpdateRow_ChangesRowEtagAndVersion_AndFailsForWhateverIsOld()
    {
        var table = Table();
        (await table.InsertRowAsync(Entry(1), (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation)).ShouldBeTrue();
        var before = await table.ReadAllAsync(Cancellation);
        var (_, etag) = before.Members.Single();
        var active = Entry(1, SiloStatus.Active);

        (await table.UpdateRowAsync(active, etag, before.Version.Next(), Cancellation)).ShouldBeTrue();

        var after = await table.ReadAllAsync(Cancellation);
        ShouldBeTheSame(after.Members.Single().Item1, active);
        after.Members.Single().Item2.ShouldNotBe(etag);
        after.Version.Version.ShouldBe(before.Version.Version + 1);
        (await table.UpdateRowAsync(active, etag, after.Version.Next(), Cancellation)).ShouldBeFalse("the row's etag is old");
        (await table.UpdateRowAsync(active, after.Members.Single().Item2, before.Version.Next(), Cancellation)).ShouldBeFalse("the table's version is old");
        (await table.UpdateRowAsync(Entry(2), etag, after.Version.Next(), Cancellation)).ShouldBeFalse("there is no such row");
        (await table.ReadAllAsync(Cancellation)).Version.VersionEtag.ShouldBe(after.Version.VersionEtag);
    }

    [Fact]
    public async Task UpdateRow_SucceedsForOne_WhenManyStartFromTheSameVersion()
    {
        var tables = Enumerable.Range(0, 5).Select(_ => Table()).ToArray();
        await tables[0].InsertRowAsync(Entry(1), (await tables[0].ReadAllAsync(Cancellation)).Version.Next(), Cancellation);
        for (var round = 0; round < 10; round++)
        {
            var data = await tables[0].ReadAllAsync(Cancellation);
            var (entry, etag) = data.Members.Single();

            var updated = await Task.WhenAll(tables.Select(table => table.UpdateRowAsync(entry, etag, data.Version.Next(), Cancellation)));

            updated.Count(isUpdated => isUpdated).ShouldBe(1);
            (await tables[0].ReadAllAsync(Cancellation)).Version.Version.ShouldBe(data.Version.Version + 1);
        }
    }

    [Fact]
    public async Task UpdateIAmAlive_ChangesTheTimeOnly_NoVersionAndNoEtag()
    {
        var table = Table();
        var entry = Entry(1, SiloStatus.Active);
        await table.InsertRowAsync(entry, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation);
        var before = await table.ReadAllAsync(Cancellation);
        var alive = Now.AddSeconds(3);

        await table.UpdateIAmAliveAsync(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = alive }, Cancellation);

        var after = await table.ReadAllAsync(Cancellation);
        after.Members.Single().Item1.IAmAliveTime.ShouldBe(alive);
        after.Members.Single().Item1.Status.ShouldBe(SiloStatus.Active);
        after.Members.Single().Item2.ShouldBe(before.Members.Single().Item2);
        after.Version.VersionEtag.ShouldBe(before.Version.VersionEtag);
    }

    [Fact]
    public async Task CleanupDefunctSiloEntries_DeletesDeadRowsThatAreOld_AndNoOthers()
    {
        var table = Table();
        foreach (var entry in new[] { Entry(1, SiloStatus.Dead), Entry(2, SiloStatus.Dead), Entry(3, SiloStatus.Active), Entry(4, SiloStatus.Dead) })
        {
            entry.IAmAliveTime = entry.SiloAddress.Equals(Entry(4).SiloAddress) ? Now.AddDays(2) : Now;
            (await table.InsertRowAsync(entry, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation)).ShouldBeTrue();
        }

        await Task.WhenAll(Table().CleanupDefunctSiloEntriesAsync(Now.AddDays(1), Cancellation), table.CleanupDefunctSiloEntriesAsync(Now.AddDays(1), Cancellation));

        (await table.ReadAllAsync(Cancellation)).Members.Select(member => member.Item1.SiloName).Order().ShouldBe(["silo-3", "silo-4"]);
    }

    [Fact]
    public async Task DeleteMembershipTableEntries_LeavesNothing_AlsoWhenThereIsNothing()
    {
        var table = Table();
        await table.InsertRowAsync(Entry(1), (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation);

        await table.DeleteMembershipTableEntriesAsync(_clusterId, Cancellation);
        await table.DeleteMembershipTableEntriesAsync(_clusterId, Cancellation);

        (await Should.ThrowAsync<OrleansException>(() => table.ReadAllAsync(Cancellation))).Message.ShouldContain(_clusterId);
        await table.InitializeMembershipTableAsync(true, Cancellation);
        (await table.ReadAllAsync(Cancellation)).Members.ShouldBeEmpty();
    }

    [Fact]
    public async Task GetGateways_AreThoseOfActiveSilos_WithTheirGenerations()
    {
        var table = Table();
        var silent = Entry(3, SiloStatus.Active);
        silent.ProxyPort = 0;
        foreach (var entry in new[] { Entry(1, SiloStatus.Active), Entry(2, SiloStatus.Dead), silent })
        {
            await table.InsertRowAsync(entry, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation);
        }

        var gateways = await new ZooKeeperGatewayListProvider(Table(), Options.Create(new GatewayOptions())).GetGatewaysAsync(Cancellation);

        gateways.Single().ToString().ShouldBe("gwy.tcp://127.0.0.1:30001/1001");
    }

    [Fact]
    public async Task Rows_AreThoseOfOrleansOwnProvider_ByteForByte()
    {
        var entry = Entry(1, SiloStatus.Active);
        entry.AddSuspector(Entry(2).SiloAddress, Now);
        await Table().InsertRowAsync(entry, (await Table().ReadAllAsync(Cancellation)).Version.Next(), Cancellation);
        await using var client = await ZooKeeperClient.ConnectAsync(new ZooKeeperOptions { ConnectString = ConnectString.Parse($"{server.Address}/orleans") }, Cancellation);

        var row = await client.GetDataAsync($"/{_clusterId}/127.0.0.1:11001@1001", cancellationToken: Cancellation);
        var alive = await client.GetDataAsync($"/{_clusterId}/127.0.0.1:11001@1001/IAmAlive", cancellationToken: Cancellation);

        Encoding.UTF8.GetString(row.Value.Data.Span).ShouldBe(
            """{"SiloAddress":{"SiloAddress":"127.0.0.1:11001@1001"},"HostName":"host","SiloName":"silo-1","InstanceName":"silo-1","Status":"Active","ProxyPort":30001,"StartTime":"2026-05-17T12:34:56.789Z","SuspectTimes":[{"Item1":{"SiloAddress":"127.0.0.1:11002@1002"},"Item2":"2026-05-17T12:34:56.789Z"}]}""");
        Encoding.UTF8.GetString(alive.Value.Data.Span).ShouldBe("\"2026-05-17T12:34:56.789Z\"");
    }

    [Theory]
    [InlineData("{}", "\"2026-05-17T12:34:56Z\"")]
    [InlineData("nonsense", "\"2026-05-17T12:34:56Z\"")]
    [InlineData("""{"SiloAddress":{"SiloAddress":"127.0.0.1:11001@1001"},"Status":"Active","ProxyPort":1}""", "")]
    [InlineData("""{"SiloAddress":{"SiloAddress":"nowhere"},"Status":"Active","ProxyPort":1}""", "\"2026-05-17T12:34:56Z\"")]
    public void Read_NamesTheNode_WhenItIsMalformed(string row, string alive) =>
        Should.Throw<OrleansException>(() => MembershipRow.Read("/cluster/silo", Encoding.UTF8.GetBytes(row), Encoding.UTF8.GetBytes(alive)))
            .Message.ShouldContain("'/cluster/silo'");

    [Fact]
    public async Task Table_ThrowsConfigurationException_WhenTheConnectStringIsNone()
    {
        await using var session = new TableSession("no port:x", TimeProvider.System, NullLogger.Instance);
        var table = new ZooKeeperMembershipTable("no port:x", _clusterId, session);

        (await Should.ThrowAsync<OrleansConfigurationException>(() => table.ReadAllAsync(Cancellation))).Message.ShouldContain("'no port:x'");
    }

    /// <summary>The server may be starting.</summary>
    private static async Task WhenReachedAsync(ZooKeeperMembershipTable table)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (true)
        {
            try
            {
                await table.InitializeMembershipTableAsync(true, patience.Token);
                return;
            }
            catch (OrleansException) when (!patience.IsCancellationRequested)
            {
                // Again.
            }
        }
    }

    private static MembershipEntry Entry(int number, SiloStatus status = SiloStatus.Joining) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 11000 + number, 1000 + number),
        HostName = "host",
        SiloName = $"silo-{number}",
        Status = status,
        ProxyPort = 30000 + number,
        StartTime = Now,
        IAmAliveTime = Now,
    };

    private static void ShouldBeTheSame(MembershipEntry actual, MembershipEntry expected)
    {
        actual.SiloAddress.ShouldBe(expected.SiloAddress);
        actual.HostName.ShouldBe(expected.HostName);
        actual.SiloName.ShouldBe(expected.SiloName);
        actual.Status.ShouldBe(expected.Status);
        actual.ProxyPort.ShouldBe(expected.ProxyPort);
        actual.StartTime.ShouldBe(expected.StartTime);
        actual.IAmAliveTime.ShouldBe(expected.IAmAliveTime);
        actual.SuspectTimes.ShouldBe(expected.SuspectTimes);
    }

    private ZooKeeperMembershipTable Table()
    {
        var connectionString = $"{server.Address}/orleans";
        var session = new TableSession(connectionString, TimeProvider.System, NullLogger.Instance);
        _resources.Add(session);
        return new ZooKeeperMembershipTable(connectionString, _clusterId, session);
    }
}
