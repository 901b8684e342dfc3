using OrleansStream.EndToEnd.Tests.Processes;
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
        ZooKeeperInstallation.SkipIfMissing();
        using var directory = new TemporaryDirectory();
        var log = new RunLog(line => TestContext.Current.SendDiagnosticMessage(line));
        var options = new FaultRunOptions
        {
            Directory = directory.Path,
            Seed = 5,
            Rate = 1_000,
            Partitions = 3,
            Faults = ["kill-leader", "kill-controller", "kill-zookeeper"],
            IsScript = true,
            Duration = 0.2,
            Configs = ["zookeeper.session.timeout.ms=3000", "offsets.topic.num.partitions=3"],
        };

        await new FaultRun(new LoopbackNetwork(options.Brokers), options, log).RunAsync(TestContext.Current.CancellationToken);

        log.Violations.ShouldBeEmpty();
        log.FaultCount.ShouldBe(3);
        log.AcknowledgedCount.ShouldBeGreaterThan(1_000);
    }
}
