using OrleansStream.EndToEnd.Tests.Processes;
using OrleansStream.Faults.Clients;
using OrleansStream.Faults.Network;
using OrleansStream.Faults.Running;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.EndToEnd.Tests.Scenarios;

/// <summary>The short form of tests/faults.sh: three brokers and a ZooKeeper of their own under load, and what can be done to them without rights.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Cluster_KeepsEveryAcknowledgedRecordOnEveryReplica_WhenLeaderControllerAndZooKeeperAreKilled()
    {
        var log = await RunAsync(["kill-leader", "kill-controller", "kill-zookeeper"], with: []);

        log.FaultCount.ShouldBe(3);
        log.AcknowledgedCount.ShouldBeGreaterThan(1_000);
    }

    [Fact]
    public async Task Kcat_LosesAndDoublesNoRecord_WhenALeaderIsStoppedKilledAndPaused()
    {
        var kcat = KafkaClient.All.Single(client => client.Name == "kcat");
        Assert.SkipWhen(kcat.WhyMissing is not null, kcat.WhyMissing ?? "");

        var log = await RunAsync(["shutdown", "kill-leader", "pause-leader"], with: [kcat.Name]);

        log.FaultCount.ShouldBe(3);
        log.AcknowledgedCount.ShouldBeGreaterThan(1_000);
    }

    private static async Task<RunLog> RunAsync(string[] faults, string[] with)
    {
        ZooKeeperInstallation.SkipIfMissing();
        using var directory = new TemporaryDirectory();
        var log = new RunLog(line => TestContext.Current.SendDiagnosticMessage(line));
        var options = new FaultRunOptions
        {
            Directory = directory.Path,
            Seed = 5,
            Rate = with.Length == 0 ? 1_000 : 200,
            With = with,
            Partitions = 3,
            Faults = faults,
            IsScript = true,
            Duration = 0.2,
            Configs = ["zookeeper.session.timeout.ms=3000", "offsets.topic.num.partitions=3"],
        };

        await new FaultRun(new LoopbackNetwork(options.Brokers), options, log).RunAsync(TestContext.Current.CancellationToken);

        log.Violations.ShouldBeEmpty();
        return log;
    }
}
