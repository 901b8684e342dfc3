using System.Text;
using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;
using OrleansStream.Grains.Cluster;
using OrleansStream.Protocol.Records;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Cluster.Tests.ZooKeeper;

/// <summary>Three brokers with a replicated topic on a real ZooKeeper: what is acknowledged is on all, and outlives a leader.</summary>
public sealed class ReplicationTests(StandaloneServer server)
{
    private const string Topic = "orders";

    private static readonly (string Key, string Value)[] TwoInSync = [("min.insync.replicas", "2")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_AreOnEveryReplica_WhenAllAreToAcknowledge()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        var topic = await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 3, replicas: 3, TwoInSync);
        foreach (var partition in topic.Partitions)
        {
            partition.Isr.Order().ShouldBe([1, 2, 3]);
            for (var i = 0; i < 20; i++)
            {
                await ProduceAsync(ensemble, partition.Partition, $"{i}");
            }

            foreach (var replica in partition.Replicas)
            {
                var description = await ensemble.Partition(1, Topic, partition.Partition, replica).DescribeAsync(Cancellation);
                description.FlushedOffset.ShouldBe(20, $"replica {replica} of partition {partition.Partition}");
                description.IsLeader.ShouldBe(replica == partition.Leader);
            }
        }
    }

    [Fact]
    public async Task Records_AreKept_WhenTheirLeaderStopsAndComesBack()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        var leader = (await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 1, replicas: 3, TwoInSync)).Partitions[0].Leader;
        var survivor = ensemble.BrokerIds.First(id => id != leader);
        var expected = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            await ProduceAsync(ensemble, 0, $"before {i}", survivor);
            expected.Add($"before {i}");
        }

        await ensemble.StopAsync(leader);
        await ensemble.SeesAsync(survivor, metadata => Find(metadata, 0) is { Leader: > 0 } now && now.Leader != leader, "another leader");
        for (var i = 0; i < 10; i++)
        {
            await ProduceAsync(ensemble, 0, $"after {i}", survivor);
            expected.Add($"after {i}");
        }

        await ensemble.StartBrokerAsync(leader);
        await ensemble.SeesAsync(survivor, metadata => Find(metadata, 0)?.Isr.Length == 3, "all three in sync");
        (await ensemble.Partition(survivor, Topic, 0, leader).DescribeAsync(Cancellation)).FlushedOffset.ShouldBe(20);
        (await ReadAsync(ensemble, survivor)).ShouldBe(expected);
    }

    [Fact]
    public async Task Produce_IsRefused_WhenTooFewAreInSync()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        var topic = await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 1, replicas: 3, [("min.insync.replicas", "3")]);
        await ProduceAsync(ensemble, 0, "three", 1);
        var leader = topic.Partitions[0].Leader;
        var follower = topic.Partitions[0].Replicas.First(id => id != leader);

        await ensemble.StopAsync(follower);
        await ensemble.SeesAsync(leader, metadata => Find(metadata, 0)?.Isr.Length == 2, "two in sync");
        var refused = await ensemble.Partition(leader, Topic, 0, leader)
            .ProduceAsync(new PartitionProduceRequest(Batches.Of("two"), -1, 10_000, null), Cancellation);

        refused.Error.ShouldBe(ErrorCode.NotEnoughReplicas);
    }

    private static PartitionMetadata? Find(MetadataSnapshot metadata, int partition) => metadata.Find(new TopicPartition(Topic, partition));

    /// <summary>Produces to the leader that the asked broker's metadata name, once that one knows of its office.</summary>
    private static async Task ProduceAsync(BrokerEnsemble ensemble, int partition, string value, int asked = 1)
    {
        var named = (await ensemble.SeesAsync(asked, metadata => Find(metadata, partition)?.Leader > 0, "a leader")).Topics[Topic].Partitions[partition];

        // Each broker hears of its replicas first and of the metadata then.
        await ensemble.SeesAsync(
            named.Leader,
            metadata => Find(metadata, partition) is { } own && own.Leader == named.Leader && own.LeaderEpoch >= named.LeaderEpoch,
            $"itself as the leader of partition {partition}");
        var produced = await ensemble.Partition(asked, Topic, partition, named.Leader).ProduceAsync(new PartitionProduceRequest(Batches.Of(value), -1, 10_000, null), Cancellation);
        produced.Error.ShouldBe(ErrorCode.None, produced.ErrorMessage);
    }

    private static async Task<string[]> ReadAsync(BrokerEnsemble ensemble, int asked)
    {
        var leader = ensemble.Metadata(asked).Topics[Topic].Partitions[0].Leader;
        var read = await ensemble.Partition(asked, Topic, 0, leader)
            .ReadAsync(new PartitionReadRequest(0, 1 << 20, -1, IsolationLevel.ReadUncommitted, true), Cancellation);
        read.Error.ShouldBe(ErrorCode.None, read.ErrorMessage);
        using var reader = new RecordReader(new RecordReaderOptions { CheckCrc = true });
        var values = new List<string>();
        foreach (var batch in RecordBatch.Enumerate(read.Records))
        {
            reader.Open(batch.Memory);
            foreach (var record in reader)
            {
                values.Add(Encoding.UTF8.GetString(record.Value.Span));
            }
        }

        return [.. values];
    }
}
