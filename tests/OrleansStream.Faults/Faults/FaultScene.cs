using System.Globalization;
using OrleansStream.Faults.Processes;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Faults;

/// <summary>Where a fault happens: the cluster, its own random numbers, and what is told of it.</summary>
public sealed class FaultScene(FaultCluster cluster, string topic, Random random, double duration, RunLog log, CancellationToken cancellationToken)
{
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(30);

    /// <summary>The cluster.</summary>
    public FaultCluster Cluster => cluster;

    /// <summary>Ends the run.</summary>
    public CancellationToken Cancellation => cancellationToken;

    /// <summary>Tells what is done.</summary>
    public void Say(string line) => log.Say("   " + line);

    /// <summary>Waits for a random time.</summary>
    public async Task LastAsync(double fromSeconds, double toSeconds)
    {
        var time = TimeSpan.FromSeconds((fromSeconds + (random.NextDouble() * (toSeconds - fromSeconds))) * duration);
        Say(string.Create(CultureInfo.InvariantCulture, $"for {time.TotalSeconds:F1} s"));
        await Pace.ForAsync(time, cancellationToken);
    }

    /// <summary>Any broker.</summary>
    public BrokerNode AnyBroker() => cluster.Brokers[random.Next(cluster.Brokers.Count)];

    /// <summary>The leader of any partition of the topic; any broker when nobody can say.</summary>
    public async Task<BrokerNode> AnyLeaderAsync()
    {
        BrokerNode? leader = null;
        await Pace.UntilAsync(
            async stop =>
            {
                var (_, topics) = await cluster.DescribeAsync(stop);
                var leaders = topics.Where(one => one.Name == topic).SelectMany(one => one.Partitions).Where(partition => partition.Leader > 0).ToArray();
                leader = leaders.Length == 0 ? null : cluster.Broker(leaders[random.Next(leaders.Length)].Leader);
                return leader is not null;
            },
            LookPatience,
            cancellationToken);
        return leader ?? AnyBroker();
    }

    /// <summary>The controller; any broker when nobody can say.</summary>
    public async Task<BrokerNode> ControllerAsync()
    {
        BrokerNode? controller = null;
        await Pace.UntilAsync(
            async stop =>
            {
                var (metadata, _) = await cluster.DescribeAsync(stop);
                controller = metadata.ControllerId > 0 ? cluster.Broker(metadata.ControllerId) : null;
                return controller is not null;
            },
            LookPatience,
            cancellationToken);
        return controller ?? AnyBroker();
    }
}
