using Microsoft.Extensions.DependencyInjection;
using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Cluster.Tests.Brokers;

/// <summary>Each bad input gets one clear error; the broker stays up and other partitions are untouched.</summary>
public sealed class BadInputTests
{
    [Fact]
    public async Task UnknownTopicOrPartition_IsRefused_ByProduceFetchAndLookups()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");

        var produce = await cluster.ProduceAsync("nothing", Batches.Of("a"));
        produce.Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        produce.ErrorMessage.ShouldBe("There is no partition nothing-0.");
        (await cluster.ProduceAsync("orders", Batches.Of("a"), partition: 1)).Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        var fetch = await cluster.FetchAsync(60_000, ("orders", 0, 0), ("nothing", 0, 0));
        fetch.Partitions.Select(partition => partition.Error).ShouldBe([ErrorCode.None, ErrorCode.UnknownTopicOrPartition], "an error ends the wait");
        (await cluster.Partition("nothing").ListOffsetAsync(new ListOffsetRequest(-1, -1, IsolationLevel.ReadUncommitted), CancellationToken.None))
            .Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);

        await StillServesAsync(cluster);
    }

    [Fact]
    public async Task BadRecords_AreRefused_OneByOne()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders", 1, ("max.message.bytes", "1000"));
        var corrupt = Batches.Of("a");
        corrupt[^1] ^= 0x40;
        var tooLong = Batches.Of("a").Concat(new byte[] { 0 }).ToArray();

        (await cluster.ProduceAsync("orders", corrupt)).Error.ShouldBe(ErrorCode.CorruptMessage);
        (await cluster.ProduceAsync("orders", tooLong)).Error.ShouldBe(ErrorCode.InvalidRecord);
        (await cluster.ProduceAsync("orders", [])).Error.ShouldBe(ErrorCode.CorruptMessage);
        (await cluster.ProduceAsync("orders", Batches.Of(new string('x', 1000)))).Error.ShouldBe(ErrorCode.MessageTooLarge);
        (await cluster.ProduceAsync("orders", Batches.Of("a"), acks: 2)).Error.ShouldBe(ErrorCode.InvalidRequiredAcks);

        (await cluster.ReadAllAsync("orders")).ShouldBeEmpty();
        await StillServesAsync(cluster);
    }

    [Fact]
    public async Task ThePlatformsOwnTopics_AreNotForClientsToWriteTo()
    {
        await using var cluster = await BrokerCluster.StartAsync(("offsets.topic.num.partitions", "1"));
        await cluster.Cluster.FindCoordinatorAsync(["g"], TestContext.Current.CancellationToken);

        var answer = await cluster.ProduceAsync("__consumer_offsets", Batches.Of("a"));

        answer.Error.ShouldBe(ErrorCode.InvalidTopicException);
        answer.ErrorMessage.ShouldBe("__consumer_offsets is one of the platform's own topics; clients may read it, not write to it.");
        (await cluster.Partition("__consumer_offsets").DescribeAsync(TestContext.Current.CancellationToken)).LogEndOffset.ShouldBe(0);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(long.MaxValue)]
    public async Task OffsetOutOfRange_IsRefused_WithTheValidRange(long offset)
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        await cluster.ProduceAsync("orders", Batches.Of("a"));

        var answer = (await cluster.FetchAsync(60_000, ("orders", 0, offset))).Partitions[0];

        answer.Error.ShouldBe(ErrorCode.OffsetOutOfRange);
        answer.ErrorMessage.ShouldBe($"Offset {offset} of orders-0 is out of range: the partition holds 0 to 1.");
        (answer.LogStartOffset, answer.HighWatermark).ShouldBe((0, 1));
        await StillServesAsync(cluster);
    }

    [Fact]
    public async Task NotEnoughReplicas_IsRefused_WhenTheTopicAsksForMoreThanThereAre()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders", 1, ("min.insync.replicas", "2"));

        (await cluster.ProduceAsync("orders", Batches.Of("a"))).Error.ShouldBe(ErrorCode.NotEnoughReplicas);
        (await cluster.ProduceAsync("orders", Batches.Of("a"), acks: 1)).Error.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task DiskFull_TakesOnePartitionOffline_AndLeavesTheOthersAlone()
    {
        var disks = new FailingLogFactory();
        await using var cluster = await BrokerCluster.StartAsync(silo => silo.Services.AddSingleton<IPartitionLogFactory>(provider => disks.Over(provider)));
        await cluster.CreateTopicAsync("orders", partitions: 2);
        await cluster.ProduceAsync("orders", Batches.Of("a"));
        await cluster.ProduceAsync("orders", Batches.Of("a"), partition: 1);

        disks.Fail(new TopicPartition("orders", 0), "orders-0: /data/orders-0/1.log: No space left on device");

        var refused = await cluster.ProduceAsync("orders", Batches.Of("b"));
        refused.Error.ShouldBe(ErrorCode.KafkaStorageError);
        refused.ErrorMessage.ShouldBe("orders-0: /data/orders-0/1.log: No space left on device");
        (await cluster.FetchAsync(60_000, ("orders", 0, 0))).Partitions[0].Error.ShouldBe(ErrorCode.KafkaStorageError);
        (await cluster.Broker.DescribeReplicasAsync(["orders"], CancellationToken.None))[0].OfflineReason.ShouldBe(refused.ErrorMessage);

        (await cluster.ProduceAsync("orders", Batches.Of("b"), partition: 1)).BaseOffset.ShouldBe(1);
        (await cluster.ReadAllAsync("orders", partition: 1)).ShouldBe(["a", "b"]);
        disks.Repair();
        await cluster.RestartAsync();
        (await cluster.ReadAllAsync("orders")).ShouldBe(["a"]);
    }

    [Fact]
    public async Task DamagedLog_IsOfflineAfterTheStart_AndLeavesTheOthersAlone()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders", partitions: 2);
        await cluster.ProduceAsync("orders", Batches.Of("a"), partition: 1);
        await cluster.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(cluster.DataDirectory, "logs", "orders-0", "partition.json"), "{ damaged", TestContext.Current.CancellationToken);

        await cluster.StartAgainAsync();

        var refused = await cluster.ProduceAsync("orders", Batches.Of("b"));
        refused.Error.ShouldBe(ErrorCode.KafkaStorageError);
        refused.ErrorMessage!.ShouldContain("partition.json");
        (await cluster.ReadAllAsync("orders", partition: 1)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task AnotherBrokersGrain_IsRefused_AndPlacedNowhere()
    {
        await using var cluster = await BrokerCluster.StartAsync();

        var refused = await Should.ThrowAsync<Exception>(
            () => cluster.Client.GetGrain<IBrokerGrain>(99).DescribeReplicasAsync(null, CancellationToken.None));

        refused.Message.ShouldContain("Broker 99 is not available");
    }

    [Fact]
    public async Task StaleControllerAndBrokerEpochs_AreRefused()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        var epoch = (await cluster.Cluster.GetMetadataAsync(new MetadataRequest([], false), CancellationToken.None)).Brokers[0].BrokerEpoch;

        (await cluster.Broker.StopReplicaAsync(new StopReplicaRequest(1, 0, epoch, [new("orders", 0, 0, true)]), CancellationToken.None))
            .Error.ShouldBe(ErrorCode.StaleControllerEpoch);
        (await cluster.Broker.StopReplicaAsync(new StopReplicaRequest(1, 100, epoch - 1, [new("orders", 0, 0, true)]), CancellationToken.None))
            .Error.ShouldBe(ErrorCode.StaleBrokerEpoch);

        await StillServesAsync(cluster);
    }

    private static async Task StillServesAsync(BrokerCluster cluster)
    {
        var appended = await cluster.ProduceAsync("orders", Batches.Of("still here"));
        appended.Error.ShouldBe(ErrorCode.None, appended.ErrorMessage);
        (await cluster.ReadAllAsync("orders")).ShouldContain("still here");
    }
}
