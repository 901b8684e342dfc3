using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using OrleansStream.Engine.Membership;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Engine.ZooKeeper.Tests;

public sealed class ZooKeeperMembershipTableTests(StandaloneServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<IAsyncDisposable> _resources = [];
    private readonly string _clusterId = $"cluster-{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        ZooKeeperInstallation.SkipIfMissing();
        _ = await UntilReachedAsync(Table());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var resource in Enumerable.Reverse(_resources))
        {
            await resource.DisposeAsync();
        }
    }

    [Fact]
    public async Task Write_IsSeenByOtherTables_WithAllOfTheRecord()
    {
        var (one, other) = (Table(), Table());
        var record = Member(1) with
        {
            Status = SiloStatus.Active,
            Gateway = new IPEndPoint(IPAddress.IPv6Loopback, 30001),
            Suspicions = [new Suspicion(Member(2).Silo, DateTimeOffset.UnixEpoch.AddTicks(123456789))],
        };

        var empty = await one.ReadAsync(Cancellation);
        (await one.TryWriteAsync(record, empty.Version, Cancellation)).ShouldBeTrue();

        var view = await other.ReadAsync(Cancellation);
        view.Version.ShouldBeGreaterThan(empty.Version);
        var read = view.Members.Single();
        read.Silo.ShouldBe(record.Silo);
        read.Name.ShouldBe(record.Name);
        read.Status.ShouldBe(SiloStatus.Active);
        read.Gateway.ShouldBe(record.Gateway);
        read.Suspicions.ShouldBe(record.Suspicions);
    }

    [Fact]
    public async Task Write_FailsForAllButOne_WhenManyStartFromTheSameVersion()
    {
        var tables = Enumerable.Range(0, 4).Select(_ => Table()).ToArray();
        var version = (await tables[0].ReadAsync(Cancellation)).Version;

        var written = await Task.WhenAll(tables.Select((table, i) => table.TryWriteAsync(Member(i), version, Cancellation)));

        written.Count(isWritten => isWritten).ShouldBe(1);
        (await tables[0].ReadAsync(Cancellation)).Members.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Subscribers_AreTold_WhenAnotherTableWrites()
    {
        var (one, other) = (Table(), Table());
        for (var round = 0; round < 3; round++)
        {
            var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var subscription = one.Subscribe(() => told.TrySetResult());
            await one.ReadAsync(Cancellation);

            await WriteAsync(other, Member(round));

            await told.Task.WaitAsync(Patience, Cancellation);
        }
    }

    [Fact]
    public async Task DeadSilos_AreForgotten_WhenThereAreMany()
    {
        var table = Table();
        for (var i = 0; i < 30; i++)
        {
            await WriteAsync(table, Member(i) with { Status = SiloStatus.Dead });
        }

        await WriteAsync(table, Member(30) with { Status = SiloStatus.Active });

        var view = await table.ReadAsync(Cancellation);
        view.Members.Count(member => member.Status == SiloStatus.Dead).ShouldBeInRange(25, 26);
        view.Find(Member(29).Silo).ShouldNotBeNull("the youngest are kept");
        view.Find(Member(0).Silo).ShouldBeNull();
    }

    [Fact]
    public async Task Table_ThrowsConfigurationException_WhenTheConnectStringIsNone()
    {
        await using var table = new ZooKeeperMembershipTable("no port:x", _clusterId, TimeProvider.System, NullLogger.Instance);

        (await Should.ThrowAsync<OrleansConfigurationException>(() => table.ReadAsync(Cancellation))).Message.ShouldContain("'no port:x'");
    }

    [Fact]
    public async Task Gateways_AreThoseOfActiveSilos_WhenAClientAsks()
    {
        var table = Table();
        await WriteAsync(table, Member(1) with { Status = SiloStatus.Active, Gateway = new IPEndPoint(IPAddress.Loopback, 30001) });
        await WriteAsync(table, Member(2) with { Status = SiloStatus.Dead, Gateway = new IPEndPoint(IPAddress.Loopback, 30002) });
        await WriteAsync(table, Member(3) with { Status = SiloStatus.Active });
        await using var provider = new ZooKeeperGatewayListProvider(Table(), new Orleans.Configuration.GatewayOptions());

        var gateways = await provider.GetGateways();

        gateways.Single().ToString().ShouldBe("gwy.tcp://127.0.0.1:30001/0");
    }

    private static MemberRecord Member(int number)
        => new(SiloAddress.New(IPAddress.Loopback, 11000 + number, 1000 + number), $"silo-{number}", SiloStatus.Joining, null, []);

    private static async Task WriteAsync(ZooKeeperMembershipTable table, MemberRecord record)
    {
        while (!await table.TryWriteAsync(record, (await table.ReadAsync(Cancellation)).Version, Cancellation))
        {
            // Another write was faster.
        }
    }

    /// <summary>The server may be starting.</summary>
    private static async Task<MembershipView> UntilReachedAsync(ZooKeeperMembershipTable table)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (true)
        {
            try
            {
                return await table.ReadAsync(patience.Token);
            }
            catch (OrleansException) when (!patience.IsCancellationRequested)
            {
                // Again.
            }
        }
    }

    private ZooKeeperMembershipTable Table()
    {
        var table = new ZooKeeperMembershipTable($"{server.Address}/engine", _clusterId, TimeProvider.System, NullLogger.Instance);
        _resources.Add(table);
        return table;
    }
}
