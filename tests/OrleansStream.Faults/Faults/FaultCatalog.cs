using OrleansStream.Faults.Network;
using OrleansStream.Faults.Processes;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Faults;

/// <summary>All faults that this program knows.</summary>
public static class FaultCatalog
{
    /// <summary>The faults, those of issue and habit first.</summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("kill-leader", Possible, scene => KillAsync(scene, scene.AnyLeaderAsync())),
        new("kill-controller", Possible, scene => KillAsync(scene, scene.ControllerAsync())),
        new("pause-leader", Possible, PauseLeaderAsync),
        new("shutdown", Possible, ShutDownAsync),
        new("kill-zookeeper", Possible, KillZooKeeperAsync),
        new("kill-all", Possible, KillAllAsync),
        new("cut-peers", CanCut, scene => CutAsync(scene, Peers, "the other brokers")),
        new("cut-zookeeper", CanCut, scene => CutAsync(scene, _ => [ClusterNetwork.ZooKeeper], "ZooKeeper")),
        new("cut-both", CanCut, scene => CutAsync(scene, broker => [.. Peers(broker), ClusterNetwork.ZooKeeper], "the other brokers and ZooKeeper")),
        new("cut-all", CanCut, scene => CutAsync(scene, broker => [.. Peers(broker), ClusterNetwork.ZooKeeper, ClusterNetwork.Clients], "everything, clients included")),
        new("fill-disk", HasSmallDisk, FillDiskAsync),
    ];

    private static string? Possible(FaultCluster cluster) => null;

    private static string? CanCut(FaultCluster cluster) => cluster.Network.WhyNoCuts;

    private static string? HasSmallDisk(FaultCluster cluster)
        => cluster.BrokerWithSmallDisk is null ? "no broker has a disk of its own; that takes network and mount namespaces (tests/faults.sh)" : null;

    private static async Task KillAsync(FaultScene scene, Task<BrokerNode> which)
    {
        var broker = await which;
        scene.Say($"kill -9 of broker {broker.Id}");
        await broker.KillAsync();
        await scene.LastAsync(0.5, 15);
        broker.Start();
    }

    private static async Task KillAllAsync(FaultScene scene)
    {
        scene.Say("kill -9 of all brokers");
        await Task.WhenAll(scene.Cluster.Brokers.Select(broker => broker.KillAsync()));
        await scene.LastAsync(0.5, 8);
        foreach (var broker in scene.Cluster.Brokers)
        {
            broker.Start();
        }
    }

    private static async Task PauseLeaderAsync(FaultScene scene)
    {
        var broker = await scene.AnyLeaderAsync();
        scene.Say($"SIGSTOP to broker {broker.Id}");
        broker.Signal(Signal.Stop);
        try
        {
            await scene.LastAsync(1, 25);
        }
        finally
        {
            broker.Signal(Signal.Continue);
        }
    }

    private static async Task ShutDownAsync(FaultScene scene)
    {
        var broker = await scene.AnyLeaderAsync();
        scene.Say($"SIGTERM to broker {broker.Id}");
        await broker.ShutDownAsync();
        scene.Say("it has ended");
        await scene.LastAsync(0, 10);
        broker.Start();
    }

    private static async Task KillZooKeeperAsync(FaultScene scene)
    {
        scene.Say("kill -9 of ZooKeeper");
        await scene.Cluster.KillZooKeeperAsync();
        try
        {
            await scene.LastAsync(1, 25);
        }
        finally
        {
            scene.Cluster.StartZooKeeper();
        }
    }

    private static async Task CutAsync(FaultScene scene, Func<FaultedBroker, IEnumerable<string>> from, string what)
    {
        var broker = await scene.AnyLeaderAsync();
        scene.Say($"broker {broker.Id} is cut off from {what}");
        try
        {
            foreach (var other in from(new FaultedBroker(scene.Cluster, broker)))
            {
                await scene.Cluster.Network.CutAsync(ClusterNetwork.Broker(broker.Id), other);
            }

            await scene.LastAsync(2, 30);
        }
        finally
        {
            await scene.Cluster.Network.HealAsync();
        }
    }

    private static IEnumerable<string> Peers(FaultedBroker which)
        => which.Cluster.Brokers.Where(other => other != which.Broker).Select(other => ClusterNetwork.Broker(other.Id));

    private static async Task FillDiskAsync(FaultScene scene)
    {
        var broker = scene.Cluster.BrokerWithSmallDisk!;
        scene.Say($"the disk of broker {broker.Id} is full");
        scene.Cluster.FillSmallDisk();
        try
        {
            await scene.LastAsync(2, 20);
        }
        finally
        {
            scene.Cluster.FreeSmallDisk();
        }

        // A log directory that has failed is used again after a restart only, as in Kafka.
        scene.Say($"there is room again; SIGTERM to broker {broker.Id}");
        await broker.ShutDownAsync();
        broker.Start();
    }

    private sealed record FaultedBroker(FaultCluster Cluster, BrokerNode Broker);
}
