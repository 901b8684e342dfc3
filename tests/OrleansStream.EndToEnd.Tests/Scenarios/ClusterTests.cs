using System.Globalization;
using System.Text;
using OrleansStream.EndToEnd.Tests.Processes;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.EndToEnd.Tests.Scenarios;

/// <summary>Three broker processes that share a real ZooKeeper.</summary>
public sealed class ClusterTests(StandaloneServer zooKeeper)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Cluster_GoesOnUnderAnotherController_WhenTheControllerIsKilled()
    {
        ZooKeeperInstallation.SkipIfMissing();
        using var directory = new TemporaryDirectory();
        var chroot = $"{zooKeeper.Address}/end-to-end-{Guid.NewGuid():N}";
        var addresses = Enumerable.Range(1, 3).ToDictionary(id => id, id => BrokerAddress.In(directory[$"broker-{id}"]));
        var brokers = new Dictionary<int, Broker>();
        try
        {
            foreach (var id in addresses.Keys)
            {
                brokers.Add(id, await StartAsync(id));
            }

            (await brokers[1].OstreamAsync("topics", "create", "t", "--partitions", "6")).ShouldSucceed();
            var lines = string.Concat(Enumerable.Range(0, 2000).Select(i => $"line {i}\n"));
            (await brokers[2].OstreamAsync(stdin => stdin.WriteAsync(Encoding.UTF8.GetBytes(lines)).AsTask(), "produce", "t")).ShouldSucceed();
            var controller = await brokers[3].ControllerAsync();

            await brokers[controller].KillAsync();
            await brokers[controller].DisposeAsync();
            brokers.Remove(controller);

            foreach (var survivor in brokers.Values)
            {
                (await UntilAnotherAsync(survivor, controller)).ShouldBeOneOf([.. brokers.Keys]);
            }

            (await brokers.Values.First().OstreamAsync("topics", "create", "after", "--partitions", "2")).ShouldSucceed();

            // Clients that ask ZooKeeper know no broker by its address, and find those that live.
            (await OstreamThroughAsync(chroot, "topics", "describe", "after")).ShouldSucceed();
            (await OstreamThroughAsync($"{chroot}/typo", "topics", "list")).Error.ShouldContain("There is no cluster 'OrleansStream' in ZooKeeper");

            // It finds its own registration of its life before, waits for that to expire, and takes its partitions up again.
            brokers.Add(controller, await StartAsync(controller));
            var consumed = await brokers[controller].OstreamAsync("consume", "t", "--from-beginning", "--exit-at-end");
            consumed.ShouldSucceed();
            Encoding.UTF8.GetString(consumed.OutputBytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order()
                .ShouldBe(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());

            foreach (var broker in brokers.Values)
            {
                (await broker.StopAsync()).ExitCode.ShouldBe(0, broker.Error);
            }
        }
        finally
        {
            foreach (var broker in brokers.Values)
            {
                await broker.DisposeAsync();
            }
        }

        Task<Broker> StartAsync(int id) => Broker.StartAsync(
            addresses[id],
            "--broker-id", id.ToString(CultureInfo.InvariantCulture),
            "--zookeeper", chroot,
            "--set", "zookeeper.session.timeout.ms=2000",
            "--set", "zookeeper.connection.timeout.ms=60000");
    }

    private static Task<CommandResult> OstreamThroughAsync(string zooKeeper, params string[] arguments)
        => DotnetProgram.Start(BuildOutput.Ostream, [.. arguments, "--zookeeper", zooKeeper]).RunToEndAsync();

    private static async Task<int> UntilAnotherAsync(Broker broker, int former)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            if (await broker.ControllerAsync() is var controller && controller != former && controller >= 0)
            {
                return controller;
            }

            patience.IsCancellationRequested.ShouldBeFalse($"Broker {former} is the controller still, says a survivor. Its stderr: {broker.Error}");
        }
    }
}
