using System.Diagnostics;
using System.Globalization;
using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;
using OrleansStream.Grains.Cluster;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Cluster.Tests.ZooKeeper;

/// <summary>A reassignment under a throttle, set and removed as <c>kafka-reassign-partitions.sh</c> does.</summary>
public sealed class ThrottledReassignmentTests(StandaloneServer server)
{
    private const string Topic = "orders";
    private const int BatchBytes = 100_000;
    private const int Batch = 40;

    private static readonly string[] RateKeys = ["leader.replication.throttled.rate", "follower.replication.throttled.rate", "replica.alter.log.dirs.io.max.bytes.per.second"];
    private static readonly string[] ListKeys = ["leader.replication.throttled.replicas", "follower.replication.throttled.replicas"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("leader")]
    [InlineData("follower")]
    public async Task Reassignment_IsHeldToTheRate_WhileProducesToAllGoOn_AndEnds_WhenTheThrottleIsTakenOff(string side)
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        var partition = (await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 1, replicas: 2, [("min.insync.replicas", "2")])).Partitions[0];
        var added = ensemble.BrokerIds.Single(id => !partition.Replicas.Contains(id));
        await ensemble.SeesAsync(partition.Leader, metadata => Find(metadata)?.Leader == partition.Leader, "itself as the leader");
        for (var i = 0; i < Batch; i++)
        {
            await ProduceAsync(ensemble, partition.Leader);
        }

        const int rate = 50_000;
        await ThrottleAsync(ensemble, side, rate, partition.Replicas, added);
        var begun = Stopwatch.GetTimestamp();
        (await ensemble.Cluster(1).AlterPartitionReassignmentsAsync([new PartitionReassignment(Topic, 0, [partition.Leader, added])], Cancellation))
            .Single().Error.ShouldBe(ErrorCode.None);
        for (var i = 0; i < Batch; i++)
        {
            await ProduceAsync(ensemble, partition.Leader);
        }

        // Those in sync have taken everything at once; the new one what the rate allows, however long that has been. All of it would take more than two minutes.
        var copied = await SizeAsync(ensemble, added);
        var allowed = (long)(Stopwatch.GetElapsedTime(begun).TotalSeconds * rate) + rate + (2 * BatchBytes) + 10_000;
        copied.ShouldBeLessThanOrEqualTo(allowed);
        (await ensemble.Partition(1, Topic, 0, partition.Leader).DescribeAsync(Cancellation)).HighWatermark.ShouldBe(2 * Batch);

        await LiftAsync(ensemble);

        await ensemble.SeesAsync(
            1, metadata => Find(metadata) is { } now && now.Replicas.SequenceEqual([partition.Leader, added]) && now.Isr.Contains(added), "the new replicas in sync");
        (await ensemble.Partition(1, Topic, 0, added).DescribeAsync(Cancellation)).LogEndOffset.ShouldBe(2 * Batch);
        foreach (var description in await ensemble.Cluster(2).DescribeConfigsAsync([.. ensemble.BrokerIds.Select(Broker), new ConfigResource(ConfigResourceType.Topic, Topic)], Cancellation))
        {
            description.Error.ShouldBe(ErrorCode.None, description.ErrorMessage);
            description.Entries.Where(entry => RateKeys.Concat(ListKeys).Contains(entry.Name)).ShouldAllBe(entry => entry.Source == ConfigSource.DefaultConfig);
        }
    }

    [Fact]
    public async Task BrokerConfigs_AreThoseOfTheBrokerThatIsMeant_WhoeverIsAsked()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 2);
        var cluster = ensemble.Cluster(1);

        (await AlterAsync(ensemble, Broker(2), Set("follower.replication.throttled.rate", "7"))).Error.ShouldBe(ErrorCode.None);
        (await AlterAsync(ensemble, Broker(9), Set("follower.replication.throttled.rate", "7"))).Error.ShouldBe(ErrorCode.InvalidRequest);
        (await AlterAsync(ensemble, Broker(2), Set("follower.replication.throttled.rate", "-1"))).Error.ShouldBe(ErrorCode.InvalidConfig);

        // Asked for what it has in force itself: soon, since changes come as notifications.
        ConfigEntry entry;
        do
        {
            entry = (await cluster.DescribeConfigsAsync([Broker(2)], Cancellation)).Single().Entries.Single(entry => entry.Name == "follower.replication.throttled.rate");
        }
        while (entry.Source == ConfigSource.DefaultConfig);

        (entry.Value, entry.Source).ShouldBe(("7", ConfigSource.DynamicBrokerConfig));
        await ensemble.StopAsync(2);
        await ensemble.SeesAsync(1, metadata => metadata.Brokers.Length == 1, "one broker");
        (await cluster.DescribeConfigsAsync([Broker(2)], Cancellation)).Single().Entries.Single().Value.ShouldBe("7", "of a broker that is away, what is set");
        (await AlterAsync(ensemble, Broker(2), new ConfigChange("follower.replication.throttled.rate", ConfigOperation.Delete, null))).Error.ShouldBe(ErrorCode.None);
        (await cluster.DescribeConfigsAsync([Broker(2)], Cancellation)).Single().Error.ShouldBe(ErrorCode.InvalidRequest);
    }

    private static ConfigResource Broker(int id) => new(ConfigResourceType.Broker, id.ToString(CultureInfo.InvariantCulture));

    private static ConfigChange Set(string key, string value) => new(key, ConfigOperation.Set, value);

    private static PartitionMetadata? Find(MetadataSnapshot metadata) => metadata.Find(new TopicPartition(Topic, 0));

    private static async Task ThrottleAsync(BrokerEnsemble ensemble, string side, int rate, int[] sources, int added)
    {
        var topic = new ConfigResource(ConfigResourceType.Topic, Topic);
        var list = side == "leader" ? string.Join(',', sources.Select(id => $"0:{id}")) : $"0:{added}";
        (await AlterAsync(ensemble, topic, Set($"{side}.replication.throttled.replicas", list))).Error.ShouldBe(ErrorCode.None);
        foreach (var id in ensemble.BrokerIds)
        {
            (await AlterAsync(ensemble, Broker(id), Set($"{side}.replication.throttled.rate", rate.ToString(CultureInfo.InvariantCulture)))).Error.ShouldBe(ErrorCode.None);
            while (!(await ensemble.BrokerGrain(1, id).DescribeConfigAsync(Cancellation)).Entries
                .Any(entry => entry.Name == $"{side}.replication.throttled.rate" && entry.Source == ConfigSource.DynamicBrokerConfig))
            {
                // Each call is an answer of that broker; the change is on its way to it.
            }
        }
    }

    /// <summary>What <c>--verify</c> does, a key included that means nothing here.</summary>
    private static async Task LiftAsync(BrokerEnsemble ensemble)
    {
        foreach (var id in ensemble.BrokerIds)
        {
            (await AlterAsync(ensemble, Broker(id), [.. RateKeys.Select(Delete)])).Error.ShouldBe(ErrorCode.None);
        }

        (await AlterAsync(ensemble, new ConfigResource(ConfigResourceType.Topic, Topic), [.. ListKeys.Select(Delete)])).Error.ShouldBe(ErrorCode.None);

        static ConfigChange Delete(string key) => new(key, ConfigOperation.Delete, null);
    }

    private static async Task<TopicResult> AlterAsync(BrokerEnsemble ensemble, ConfigResource resource, params ConfigChange[] changes)
    {
        var result = (await ensemble.Cluster(1).AlterConfigsAsync([new ConfigAlteration(resource, changes)], false, Cancellation)).Single();
        result.Name.ShouldBe(resource.Name);
        return result;
    }

    private static async Task<long> SizeAsync(BrokerEnsemble ensemble, int id)
        => (await ensemble.BrokerGrain(1, id).DescribeReplicasAsync([Topic], Cancellation)).SingleOrDefault()?.SizeBytes ?? 0;

    private static async Task ProduceAsync(BrokerEnsemble ensemble, int leader)
    {
        var produced = await ensemble.Partition(1, Topic, 0, leader)
            .ProduceAsync(new PartitionProduceRequest(Batches.Of(new string('x', BatchBytes)), -1, 60_000, null), Cancellation);
        produced.Error.ShouldBe(ErrorCode.None, produced.ErrorMessage);
    }
}
