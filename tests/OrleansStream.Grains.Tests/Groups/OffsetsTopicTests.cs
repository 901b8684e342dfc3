using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansStream.Abstractions;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Groups;
using OrleansStream.Grains.Hosting;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Tests.Groups;

public sealed class OffsetsTopicTests
{
    [Fact]
    public async Task FindAsync_CreatesNothing_WhileAClusterHasFewerBrokersThanReplicasAreWanted()
    {
        var options = Options.Create(new BrokerOptions { ZooKeeper = "127.0.0.1:2181" });
        var configs = new ConfigService(options, new HostedPartitions(), new ListenerFeed(TimeProvider.System), TimeProvider.System, NullLogger<ConfigService>.Instance);
        var metadata = new MetadataCache(TimeProvider.System);
        BrokerMetadata[] brokers = [new BrokerMetadata(1, "a", 9092, 30000, null, 1), new BrokerMetadata(2, "b", 9092, 30000, null, 2)];
        metadata.Apply(new UpdateMetadataRequest(1, 1, 1, new ClusterMetadata("cluster", 1, brokers, []), IsFull: true, []));
        using var topic = new OffsetsTopic(options, configs, metadata, null!, NullLogger<OffsetsTopic>.Instance);

        var found = (await topic.FindAsync(["group"], TestContext.Current.CancellationToken)).ShouldHaveSingleItem();

        found.Error.ShouldBe(ErrorCode.CoordinatorNotAvailable);
        found.ErrorMessage.ShouldNotBeNull().ShouldContain("3 replicas (offsets.topic.replication.factor), but 2");
    }
}
