using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;
using OrleansStream.Grains.Cluster;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Cluster.Tests.Brokers;

/// <summary>Fetches that name topics by their ids (KIP-516).</summary>
public sealed class TopicIdTests
{
    [Fact]
    public async Task Fetch_ById_GivesTheTopicsRecords()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        await cluster.ProduceAsync("orders", Batches.Of("a", "b"));

        var answer = await FetchAsync(cluster, await TopicIdAsync(cluster, "orders"));

        answer.Error.ShouldBe(ErrorCode.None, answer.ErrorMessage);
        RecordBatchHeader.TryRead(answer.Records.Span, out var header).ShouldBeTrue();
        header.NextOffset.ShouldBe(2);
    }

    [Fact]
    public async Task Fetch_IsRefused_WhenNoTopicHasTheId()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");

        (await FetchAsync(cluster, Guid.NewGuid())).Error.ShouldBe(ErrorCode.UnknownTopicId);
        (await FetchAsync(cluster, Guid.Empty)).Error.ShouldBe(ErrorCode.UnknownTopicId);
    }

    [Fact]
    public async Task Fetch_IsRefused_WhenTheTopicWasMadeAgainUnderItsName()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        var before = await TopicIdAsync(cluster, "orders");
        await cluster.Cluster.DeleteTopicsAsync(["orders"], BrokerCluster.TimeoutMs, CancellationToken.None);
        (await FetchAsync(cluster, before)).Error.ShouldBe(ErrorCode.UnknownTopicId);

        await cluster.CreateTopicAsync("orders");

        (await FetchAsync(cluster, before)).Error.ShouldBe(ErrorCode.UnknownTopicId);
        (await FetchAsync(cluster, await TopicIdAsync(cluster, "orders"))).Error.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task Fetch_IsRefused_WhileTheReplicaBelongsToTheTopicBefore()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        var metadata = await cluster.Cluster.GetMetadataAsync(new MetadataRequest(null, false), CancellationToken.None);
        var next = Guid.NewGuid();

        // The metadata is ahead of LeaderAndIsr.
        cluster.Service<MetadataCache>().Apply(
            new UpdateMetadataRequest(0, 0, 0, metadata with { Topics = [metadata.Topics[0] with { TopicId = next }] }, IsFull: false, []));

        (await FetchAsync(cluster, next)).Error.ShouldBe(ErrorCode.InconsistentTopicId);
        (await FetchAsync(cluster, metadata.Topics[0].TopicId)).Error.ShouldBe(ErrorCode.UnknownTopicId);
    }

    private static async Task<Guid> TopicIdAsync(BrokerCluster cluster, string topic)
        => (await cluster.Cluster.GetMetadataAsync(new MetadataRequest([topic], false), CancellationToken.None)).Topics.ShouldHaveSingleItem().TopicId;

    private static async Task<PartitionReadResponse> FetchAsync(BrokerCluster cluster, Guid topicId)
        => (await cluster.Broker.FetchAsync(
            new FetchRequest(0, 1, 1 << 20, IsolationLevel.ReadUncommitted, [new FetchPartition(string.Empty, 0, 0, 1 << 20, -1, topicId)]), CancellationToken.None))
            .Partitions.ShouldHaveSingleItem();
}
