using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;
using OrleansStream.Metadata.Layout;
using OrleansStream.ZooKeeper;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Cluster.Tests.ZooKeeper;

/// <summary>Three brokers that share a real ZooKeeper: metadata everywhere, topics from anywhere, controllers that come and go.</summary>
public sealed class BrokerEnsembleTests(StandaloneServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Topics_AreCreatedAndDeletedOnEveryBroker_WhicheverIsAsked()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        foreach (var id in ensemble.BrokerIds)
        {
            await ensemble.SeesAsync(id, metadata => metadata.Brokers.Length == 3, "three brokers");
        }

        foreach (var asked in ensemble.BrokerIds)
        {
            var topic = await ensemble.CreateTopicAsync(asked, $"t{asked}", 6);
            topic.Partitions.Select(partition => partition.Leader).Distinct().Order().ShouldBe([1, 2, 3]);
            foreach (var other in ensemble.BrokerIds)
            {
                // A broker opens its replicas before it learns of the topic.
                (await ensemble.SeesAsync(other, metadata => metadata.Topics.ContainsKey(topic.Name), topic.Name)).Topics[topic.Name].TopicId.ShouldBe(topic.TopicId);
            }

            foreach (var partition in topic.Partitions)
            {
                var produced = await ensemble.Partition(asked, topic.Name, partition.Partition, partition.Leader)
                    .ProduceAsync(new PartitionProduceRequest(Batches.Of($"{asked}"), -1, 10_000, null), Cancellation);
                produced.Error.ShouldBe(ErrorCode.None, produced.ErrorMessage);
            }
        }

        (await ensemble.Cluster(3).DeleteTopicsAsync(["t1"], 60_000, Cancellation)).Single().Error.ShouldBe(ErrorCode.None);
        foreach (var id in ensemble.BrokerIds)
        {
            await ensemble.SeesAsync(id, metadata => !metadata.Topics.ContainsKey("t1"), "the deletion");
        }
    }

    [Fact]
    public async Task Deletion_WaitsForABrokerThatIsAway_AndTakesItsLogsWhenItIsBack()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 2);
        var topic = await ensemble.CreateReplicatedTopicAsync(1, "orders", partitions: 1, replicas: 2, []);
        PartitionProduceResponse produced;
        do
        {
            // The leader may not have heard of the topic yet.
            produced = await ensemble.Partition(1, "orders", 0, topic.Partitions[0].Leader)
                .ProduceAsync(new PartitionProduceRequest(Batches.Of("a"), -1, 60_000, null), Cancellation);
        }
        while (produced.Error is ErrorCode.UnknownTopicOrPartition or ErrorCode.NotLeaderOrFollower);

        produced.Error.ShouldBe(ErrorCode.None, produced.ErrorMessage);
        var log = Path.Combine(ensemble.Broker(2).DataDirectory, "logs", "orders-0");
        Directory.Exists(log).ShouldBeTrue("both replicas have the record");
        await ensemble.StopAsync(2);
        await ensemble.SeesAsync(1, metadata => metadata.Brokers.Length == 1, "one broker");

        (await ensemble.Cluster(1).DeleteTopicsAsync(["orders"], 500, Cancellation)).Single().Error.ShouldBe(ErrorCode.RequestTimedOut);
        await ensemble.SeesAsync(1, metadata => !metadata.Topics.ContainsKey("orders"), "that nobody is to use it any more");
        await ensemble.StartBrokerAsync(2);

        (await ensemble.Cluster(1).DeleteTopicsAsync(["orders"], 60_000, Cancellation)).Single().Error.ShouldBeOneOf(ErrorCode.None, ErrorCode.UnknownTopicOrPartition);
        Directory.Exists(log).ShouldBeFalse("a deleted topic takes no room");
        Directory.GetDirectories(Path.GetDirectoryName(log)!).ShouldBeEmpty();
    }

    [Fact]
    public async Task Brokers_GoOn_WhenANodeCannotBeUnderstood()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 2);
        await using var client = await ZooKeeperClient.ConnectAsync(
            new ZooKeeperOptions { ConnectString = ConnectString.Parse(ensemble.ConnectString) }, Cancellation);
        await ensemble.CreateTopicAsync(1, "orders", 2);

        (await client.CreateAsync(ZNodes.Topic("broken"), "no JSON"u8.ToArray(), cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.Ok);
        (await client.CreateAsync($"{ZNodes.ConfigChanges}/{ZNodes.ConfigChangePrefix}0000000007", "no JSON"u8.ToArray(), cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.Ok);
        foreach (var partition in ensemble.Metadata(1).Topics["orders"].Partitions)
        {
            var produced = await ensemble.Partition(1, "orders", partition.Partition, partition.Leader)
                .ProduceAsync(new PartitionProduceRequest(Batches.Of("a"), -1, 10_000, null), Cancellation);
            produced.Error.ShouldBe(ErrorCode.None, produced.ErrorMessage);
        }

        // Once it is repaired the controller takes up its work.
        await client.DeleteAsync(ZNodes.Topic("broken"), -1, Cancellation);
        await client.DeleteAsync($"{ZNodes.ConfigChanges}/{ZNodes.ConfigChangePrefix}0000000007", -1, Cancellation);
        await ensemble.CreateTopicAsync(2, "payments", 1);
        ensemble.BrokerIds.ShouldAllBe(id => ensemble.Broker(id).Failure == null);
    }

    [Fact]
    public async Task Topics_FollowTheNodes_WhenSomebodyElseWritesToZooKeeper()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 2);
        await using var client = await ZooKeeperClient.ConnectAsync(
            new ZooKeeperOptions { ConnectString = ConnectString.Parse(ensemble.ConnectString) }, Cancellation);
        var data = """{"version":2,"partitions":{"0":[2],"1":[1]},"adding_replicas":{},"removing_replicas":{}}"""u8.ToArray();

        (await client.CreateAsync(ZNodes.Topic("by-hand"), data, cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.Ok);

        foreach (var id in ensemble.BrokerIds)
        {
            var metadata = await ensemble.SeesAsync(
                id, snapshot => snapshot.Topics.TryGetValue("by-hand", out var topic) && topic.Partitions.All(partition => partition.Leader > 0), "leaders");
            metadata.Topics["by-hand"].Partitions.Select(partition => partition.Leader).ShouldBe([2, 1]);
        }

        (await client.CreateAsync(ZNodes.DeleteTopic("by-hand"), default, cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.Ok);

        foreach (var id in ensemble.BrokerIds)
        {
            await ensemble.SeesAsync(id, metadata => !metadata.Topics.ContainsKey("by-hand"), "the deletion");
        }

        var unmarked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if ((await client.ExistsAsync(ZNodes.DeleteTopic("by-hand"), _ => unmarked.TrySetResult(), Cancellation)).IsSuccess)
        {
            await unmarked.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        }
    }

    [Fact]
    public async Task Controller_IsReplaced_WhenItsBrokerStops()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        var topic = await ensemble.CreateTopicAsync(1, "t", 3);
        var before = ensemble.Metadata(1);
        var controller = before.ControllerId;
        var orphan = topic.Partitions.Single(partition => partition.Leader == controller).Partition;

        await ensemble.StopAsync(controller);

        foreach (var id in ensemble.BrokerIds)
        {
            var seen = await ensemble.SeesAsync(
                id, metadata => metadata.ControllerId != controller && metadata.Brokers.Length == 2 && metadata.Topics["t"].Partitions[orphan].Leader == -1, "the next controller");
            seen.Topics["t"].Partitions.Select(partition => partition.Leader).ShouldBe(
                topic.Partitions.Select(partition => partition.Leader == controller ? -1 : partition.Leader),
                $"broker {id} under controller {seen.ControllerId}, brokers {string.Join(", ", seen.Brokers.Select(broker => $"{broker.BrokerId}:{broker.BrokerEpoch}"))} now, {string.Join(", ", before.Brokers.Select(broker => $"{broker.BrokerId}:{broker.BrokerEpoch}"))} before");
        }

        await ensemble.CreateTopicAsync(ensemble.BrokerIds.First(), "after", 2);
        await ensemble.StartBrokerAsync(controller);
        foreach (var id in ensemble.BrokerIds)
        {
            await ensemble.SeesAsync(
                id, metadata => metadata.Brokers.Length == 3 && metadata.Topics.ContainsKey("after") && metadata.Topics["t"].Partitions[orphan].Leader == controller, "the return");
        }
    }

    [Fact]
    public async Task Controller_IsReplacedAndFenced_WhenItIsCutOffFromZooKeeper()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3, declaresDead: true);
        await ensemble.CreateTopicAsync(1, "t", 3);
        var before = ensemble.Metadata(1);
        var zombie = before.ControllerId;
        var others = ensemble.BrokerIds.Where(id => id != zombie).ToArray();
        var oldEpoch = before.Brokers.Single(broker => broker.BrokerId == zombie).BrokerEpoch;

        ensemble.Proxy(zombie).Cut();
        foreach (var id in others)
        {
            await ensemble.SeesAsync(id, metadata => metadata.ControllerId != zombie && metadata.Brokers.Length == 2, "the next controller");
        }

        // The zombie does not know yet; its word, with the epoch of its election, counts no more.
        var word = new UpdateMetadataRequest(
            zombie,
            1,
            ensemble.Metadata(others[0]).Brokers.Single(broker => broker.BrokerId == others[0]).BrokerEpoch,
            new ClusterMetadata(before.ClusterId, zombie, before.Brokers, []),
            true,
            []);
        (await ensemble.BrokerGrain(zombie, others[0]).UpdateMetadataAsync(word, Cancellation)).ShouldBe(ErrorCode.StaleControllerEpoch);
        ensemble.Metadata(others[0]).ControllerId.ShouldNotBe(zombie);

        ensemble.Proxy(zombie).Restore();

        foreach (var id in ensemble.BrokerIds)
        {
            var seen = await ensemble.SeesAsync(id, metadata => metadata.ControllerId != zombie && metadata.Brokers.Length == 3, "the zombie's return");
            seen.Brokers.Single(broker => broker.BrokerId == zombie).BrokerEpoch.ShouldBeGreaterThan(oldEpoch, "it has registered anew");
        }

        await ensemble.CreateTopicAsync(zombie, "after", 3);
    }

    [Fact]
    public async Task Controller_StandsForElectionAgain_WhenSomebodyRemovesItsNode()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 2);
        await using var client = await ZooKeeperClient.ConnectAsync(
            new ZooKeeperOptions { ConnectString = ConnectString.Parse(ensemble.ConnectString) }, Cancellation);
        var elected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        (await client.DeleteAsync(ZNodes.Controller, -1, Cancellation)).ShouldBe(ZooKeeperError.Ok);
        if (!(await client.ExistsAsync(ZNodes.Controller, _ => elected.TrySetResult(), Cancellation)).IsSuccess)
        {
            await elected.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        }

        await ensemble.CreateTopicAsync(1, "after", 2);
        await ensemble.CreateTopicAsync(2, "after-2", 2);
    }

    [Fact]
    public async Task Configuration_ReachesEveryBroker_WhenOneIsTold()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 2);
        await ensemble.CreateTopicAsync(1, "t", 2);
        var resource = new ConfigResource(ConfigResourceType.Topic, "t");

        var altered = await ensemble.Cluster(1).AlterConfigsAsync(
            [new ConfigAlteration(resource, [new ConfigChange("retention.ms", ConfigOperation.Set, "12345")])], false, Cancellation);
        altered.Single().Error.ShouldBe(ErrorCode.None, altered[0].ErrorMessage);

        var described = await ensemble.Cluster(2).DescribeConfigsAsync([resource], Cancellation);
        described.Single().Entries.Single(entry => entry.Name == "retention.ms").Value.ShouldBe("12345");
    }

    [Fact]
    public async Task ProducerIds_AreNeverGivenTwice_WhenSeveralBrokersGiveThem()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 2);

        var given = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => ensemble.Cluster(1 + (i % 2)).InitProducerIdAsync(new InitProducerIdRequest(null, 0, -1, -1), Cancellation)));

        given.ShouldAllBe(answer => answer.Error == ErrorCode.None);
        given.Select(answer => answer.ProducerId).ShouldBeUnique();
    }
}
