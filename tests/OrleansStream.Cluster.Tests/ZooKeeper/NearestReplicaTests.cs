using Microsoft.Extensions.DependencyInjection;
using OrleansStream.Abstractions;
using OrleansStream.Client;
using OrleansStream.Grains.Hosting;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Cluster.Tests.ZooKeeper;

/// <summary>Consumers that say their rack read from the replica there (KIP-392).</summary>
public sealed class NearestReplicaTests(StandaloneServer server)
{
    private const string Topic = "orders";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fetch_IsSentToTheReplicaInTheRack_WhichAnswers()
    {
        await using var ensemble = await StartAsync("org.apache.kafka.common.replica.RackAwareReplicaSelector");
        var (leader, follower) = await CreateTopicAsync(ensemble);
        await ProduceAsync(ensemble, leader, "one", "two");

        var atLeader = await FetchAsync(ensemble, leader, Rack(follower));
        var atFollower = await FetchAsync(ensemble, follower, Rack(follower));

        (atLeader.Error, atLeader.PreferredReadReplica, atLeader.Records.Length).ShouldBe((ErrorCode.None, follower, 0));
        atFollower.Error.ShouldBe(ErrorCode.None, atFollower.ErrorMessage);
        atFollower.Records.IsEmpty.ShouldBeFalse();
        (await FetchAsync(ensemble, leader, Rack(leader))).PreferredReadReplica.ShouldBe(-1);
        (await FetchAsync(ensemble, leader, "elsewhere")).PreferredReadReplica.ShouldBe(-1);
        (await FetchAsync(ensemble, follower, null)).Error.ShouldBe(ErrorCode.NotLeaderOrFollower);
    }

    [Fact]
    public async Task Fetch_IsAnsweredByTheLeaderAlone_WithoutASelector()
    {
        await using var ensemble = await StartAsync(selector: null);
        var (leader, follower) = await CreateTopicAsync(ensemble);
        await ProduceAsync(ensemble, leader, "one");

        var atLeader = await FetchAsync(ensemble, leader, Rack(follower));

        (atLeader.PreferredReadReplica, atLeader.Records.IsEmpty).ShouldBe((-1, false));
        (await FetchAsync(ensemble, follower, Rack(follower))).Error.ShouldBe(ErrorCode.NotLeaderOrFollower);
    }

    [Fact]
    public async Task Consumer_ReadsEverything_WhenItsReplicaStopsInBetween()
    {
        await using var ensemble = await StartAsync("org.apache.kafka.common.replica.RackAwareReplicaSelector");
        var (leader, follower) = await CreateTopicAsync(ensemble);
        await ProduceAsync(ensemble, leader, "one", "two");
        await using var client = OrleansStreamClient.FromGrainFactory(ensemble.Grains(leader));
        await using var consumer = client.CreateConsumer<Null, string>(options => options.ClientRack = Rack(follower));
        await consumer.AssignTopicAsync(Topic, OffsetSpec.Earliest, Cancellation);
        await using var records = consumer.ConsumeAsync(cancellationToken: Cancellation).GetAsyncEnumerator(Cancellation);
        (await NextAsync(records)).ShouldBe("one");
        (await NextAsync(records)).ShouldBe("two");

        await ensemble.StopAsync(follower);
        await ProduceAsync(ensemble, leader, "three");

        (await NextAsync(records)).ShouldBe("three");
    }

    private static string Rack(int broker) => $"rack-{broker}";

    private Task<BrokerEnsemble> StartAsync(string? selector)
        => BrokerEnsemble.StartAsync(server, 3, (id, silo) => silo.Services.PostConfigure<BrokerOptions>(options =>
        {
            options.Rack = Rack(id);
            if (selector is not null)
            {
                options.Configs["replica.selector.class"] = selector;
            }
        }));

    private static async Task<(int Leader, int Follower)> CreateTopicAsync(BrokerEnsemble ensemble)
    {
        var partition = (await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 1, replicas: 3, [])).Partitions[0];
        foreach (var id in ensemble.BrokerIds)
        {
            await ensemble.SeesAsync(id, metadata => metadata.Topics.TryGetValue(Topic, out var topic) && topic.Partitions[0].Isr.Length == 3, "three in sync");
        }

        return (partition.Leader, partition.Replicas.First(id => id != partition.Leader));
    }

    private static async Task ProduceAsync(BrokerEnsemble ensemble, int leader, params string[] values)
    {
        foreach (var value in values)
        {
            var produced = await ensemble.Partition(leader, Topic, 0, leader)
                .ProduceAsync(new PartitionProduceRequest(Clusters.Batches.Of(value), -1, 10_000, null), Cancellation);
            produced.Error.ShouldBe(ErrorCode.None, produced.ErrorMessage);
        }
    }

    /// <summary>One fetch from the beginning, which waits for data.</summary>
    private static async Task<PartitionReadResponse> FetchAsync(BrokerEnsemble ensemble, int broker, string? rack)
    {
        var request = new FetchRequest(10_000, 1, 1 << 20, IsolationLevel.ReadUncommitted, [new FetchPartition(Topic, 0, 0, 1 << 20, -1)], rack);
        return (await ensemble.BrokerGrain(broker, broker).FetchAsync(request, Cancellation)).Partitions.ShouldHaveSingleItem();
    }

    private static async Task<string?> NextAsync(IAsyncEnumerator<ConsumeResult<Null, string>> records)
    {
        (await records.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancellation)).ShouldBeTrue();
        return records.Current.Value;
    }
}
