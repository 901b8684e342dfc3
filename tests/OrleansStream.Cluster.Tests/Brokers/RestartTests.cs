using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;

namespace OrleansStream.Cluster.Tests.Brokers;

public sealed class RestartTests
{
    [Fact]
    public async Task Restart_KeepsTopicsRecordsAndConfiguration()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders", partitions: 2, ("retention.ms", "123456"));
        await cluster.ProduceAsync("orders", Batches.Of("a", "b"));
        await cluster.ProduceAsync("orders", Batches.Of("c"), partition: 1);
        var before = await cluster.Cluster.GetMetadataAsync(new MetadataRequest(null, false), CancellationToken.None);

        await cluster.RestartAsync();

        var after = await cluster.Cluster.GetMetadataAsync(new MetadataRequest(null, false), CancellationToken.None);
        after.ClusterId.ShouldBe(before.ClusterId);
        after.Topics.Select(topic => (topic.Name, topic.TopicId, topic.Partitions.Length)).ShouldBe(
            before.Topics.Select(topic => (topic.Name, topic.TopicId, topic.Partitions.Length)));
        (await cluster.ReadAllAsync("orders")).ShouldBe(["a", "b"]);
        (await cluster.ReadAllAsync("orders", partition: 1)).ShouldBe(["c"]);
        var config = await cluster.Cluster.DescribeConfigsAsync([new ConfigResource(ConfigResourceType.Topic, "orders")], CancellationToken.None);
        config[0].Entries.Single(entry => entry.Name == "retention.ms").Value.ShouldBe("123456");
    }

    [Fact]
    public async Task Restart_StillKnowsDuplicates()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        await cluster.ProduceAsync("orders", Batches.Of(5, 0, "a", "b"));
        await cluster.ProduceAsync("orders", Batches.Of(5, 2, "c"));

        await cluster.RestartAsync();

        (await cluster.ProduceAsync("orders", Batches.Of(5, 2, "c"))).BaseOffset.ShouldBe(2);
        (await cluster.ProduceAsync("orders", Batches.Of(5, 3, "d"))).BaseOffset.ShouldBe(3);
        (await cluster.ReadAllAsync("orders")).ShouldBe(["a", "b", "c", "d"]);
    }

    [Fact]
    public async Task Restart_RebuildsProducersFromTheLog_WhenTheirSnapshotIsGoneOrDamaged()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders", partitions: 2);
        for (var partition = 0; partition < 2; partition++)
        {
            await cluster.ProduceAsync("orders", Batches.Of(5, 0, "a", "b"), partition);
        }

        await cluster.StopAsync();
        var snapshots = Directory.GetFiles(cluster.DataDirectory, "producer-state.snapshot", SearchOption.AllDirectories).Order().ToArray();
        snapshots.Length.ShouldBe(2);
        File.Delete(snapshots[0]);
        await File.WriteAllBytesAsync(snapshots[1], [1, 2, 3], TestContext.Current.CancellationToken);
        await cluster.StartAgainAsync();

        for (var partition = 0; partition < 2; partition++)
        {
            (await cluster.ProduceAsync("orders", Batches.Of(5, 0, "a", "b"), partition)).BaseOffset.ShouldBe(0);
            (await cluster.ReadAllAsync("orders", partition)).ShouldBe(["a", "b"]);
        }
    }

    [Fact]
    public async Task Restart_MovesALogAside_WhenNoTopicClaimsIt()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        await cluster.ProduceAsync("orders", Batches.Of("a"));
        await cluster.StopAsync();
        var logs = Path.Combine(cluster.DataDirectory, "logs");
        Directory.Move(Path.Combine(logs, "orders-0"), Path.Combine(logs, "gone-3"));

        await cluster.StartAgainAsync();

        Directory.GetDirectories(logs).Select(Path.GetFileName).ShouldBe(["gone-3.stray", "orders-0"], ignoreOrder: true);
        (await cluster.ReadAllAsync("orders")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Restart_ServesManyPartitions()
    {
        const int partitions = 100;
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders", partitions);
        await Task.WhenAll(Enumerable.Range(0, partitions).Select(p => cluster.ProduceAsync("orders", Batches.Of($"value {p}"), p)));

        await cluster.RestartAsync();

        var fetch = await cluster.FetchAsync(0, [.. Enumerable.Range(0, partitions).Select(p => ("orders", p, 0L))]);
        fetch.Partitions.Length.ShouldBe(partitions);
        fetch.Partitions.ShouldAllBe(partition => partition.Error == ErrorCode.None && partition.HighWatermark == 1 && !partition.Records.IsEmpty);
        var descriptions = await cluster.Broker.DescribeReplicasAsync(null, CancellationToken.None);
        descriptions.Select(description => description.Partition).ShouldBe(Enumerable.Range(0, partitions));
        descriptions.ShouldAllBe(description => description.IsLeader && description.LogEndOffset == 1 && description.OfflineReason == null);
    }
}
