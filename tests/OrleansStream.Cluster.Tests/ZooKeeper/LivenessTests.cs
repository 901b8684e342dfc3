using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Partitions;
using OrleansStream.ZooKeeper;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Cluster.Tests.ZooKeeper;

/// <summary>Brokers that stop in order, and brokers that the others take for dead while they live.</summary>
public sealed class LivenessTests(StandaloneServer server)
{
    private const string Topic = "orders";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ControlledShutdown_MovesLeadershipsWhileTheBrokerLives()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        var topic = await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 3, replicas: 3, []);
        var controller = ensemble.Metadata(1).ControllerId;
        var leaving = ensemble.BrokerIds.First(id => id != controller);
        var epoch = ensemble.Metadata(1).Brokers.Single(broker => broker.BrokerId == leaving).BrokerEpoch;
        (await ensemble.Controller(leaving, leaving).ControlledShutdownAsync(leaving, epoch, Cancellation)).Error.ShouldBe(ErrorCode.NotController);

        var response = await ensemble.Controller(leaving, controller).ControlledShutdownAsync(leaving, epoch, Cancellation);

        response.Error.ShouldBe(ErrorCode.None);
        response.Remaining.ShouldBeEmpty();
        response.Kept.ShouldBeEmpty();
        foreach (var partition in topic.Partitions)
        {
            var now = ensemble.Metadata(controller).Find(new TopicPartition(Topic, partition.Partition)).ShouldNotBeNull();
            now.Leader.ShouldNotBe(leaving);
            now.Isr.ShouldNotContain(leaving);
            var description = await ensemble.Partition(controller, Topic, partition.Partition, now.Leader).DescribeAsync(Cancellation);
            (description.IsLeader, description.LeaderEpoch).ShouldBe((true, now.LeaderEpoch), "the answer waits until the new leader knows");
        }

        ensemble.Metadata(controller).Brokers.Select(broker => broker.BrokerId).ShouldContain(leaving);
    }

    [Fact]
    public async Task Stop_HandsTheControllersOfficeAndLeadershipsOver()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 3, replicas: 3, []);
        var controller = ensemble.Metadata(1).ControllerId;
        var survivor = ensemble.BrokerIds.First(id => id != controller);

        await ensemble.StopAsync(controller);

        var metadata = await ensemble.SeesAsync(
            survivor,
            metadata => metadata.ControllerId != controller && metadata.Brokers.Length == 2 && metadata.Topics[Topic].Partitions.All(partition => partition.Leader > 0 && partition.Leader != controller),
            "another controller and other leaders");
        metadata.Topics[Topic].Partitions.ShouldAllBe(partition => partition.Isr.Length == 2);
    }

    [Fact]
    public async Task Broker_RegistersAgain_WhenOthersRemovedItWhileItLives()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3, declaresDead: true);
        await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 1, replicas: 3, []);
        var leader = Find(ensemble.Metadata(1))!.Leader;
        var before = ensemble.Metadata(leader).Brokers.Single(broker => broker.BrokerId == leader).BrokerEpoch;
        await using var client = await ConnectAsync(ensemble);

        await client.DeleteAsync($"/brokers/ids/{leader}", -1, Cancellation);

        foreach (var id in ensemble.BrokerIds)
        {
            await ensemble.SeesAsync(id, metadata => metadata.Brokers.SingleOrDefault(broker => broker.BrokerId == leader)?.BrokerEpoch > before, "a later registration");
            await ensemble.SeesAsync(id, metadata => Find(metadata) is { Isr.Length: 3, LeaderEpoch: > 0 }, "all three in sync in a later epoch");
        }
    }

    [Fact]
    public async Task Broker_EndsAsFailed_WhenItsSiloWasDeclaredDead()
    {
        Assert.SkipUnless(typeof(SiloAddress).Assembly.GetName().Name!.StartsWith("OrleansStream", StringComparison.Ordinal), "Microsoft Orleans ends the process of a silo that was declared dead.");
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 2);
        var broker = ensemble.Broker(2);
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = ensemble.Service<IHostApplicationLifetime>(2).ApplicationStopping.Register(stopping.SetResult);
        var address = ensemble.Service<ILocalSiloDetails>(2).SiloAddress;

        (await ensemble.Service<IClusterMembershipService>(1).TryKill(address)).ShouldBeTrue();

        await stopping.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        await ensemble.StopAsync(2);
        broker.Failure.ShouldNotBeNull().Message.ShouldStartWith("Broker 2 was declared dead by the others");
        var other = ensemble.Broker(1);
        await ensemble.StopAsync(1);
        other.Failure.ShouldBeNull();
    }

    [Fact]
    public async Task Controller_GivesWay_WhenItIsDeposedWhileItLives()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3, declaresDead: true);
        await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 2, replicas: 3, []);
        var controller = ensemble.Metadata(1).ControllerId;
        await using var client = await ConnectAsync(ensemble);
        var registration = await client.ExistsAsync($"/brokers/ids/{controller}", null, Cancellation);

        await client.DeleteAsync("/controller", -1, Cancellation);
        await client.DeleteAsync($"/brokers/ids/{controller}", -1, Cancellation);

        foreach (var id in ensemble.BrokerIds)
        {
            await ensemble.SeesAsync(
                id,
                metadata => metadata.Brokers.Length == 3
                    && metadata.Brokers.Single(broker => broker.BrokerId == controller).BrokerEpoch > registration!.Value.CreatedZxid
                    && metadata.Topics[Topic].Partitions.All(partition => partition.Isr.Length == 3),
                "all brokers and replicas");
        }
    }

    [Fact]
    public async Task ElectLeaders_MovesLeadershipBack_AskedOfAnyBroker()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 1, replicas: 3, []);
        var preferred = Find(ensemble.Metadata(1))!.Leader;
        await ensemble.StopAsync(preferred);
        await ensemble.StartBrokerAsync(preferred);
        foreach (var id in ensemble.BrokerIds)
        {
            await ensemble.SeesAsync(id, metadata => Find(metadata) is { Isr.Length: 3 } now && now.Leader != preferred, "all three in sync, another leading");
        }

        var asked = ensemble.BrokerIds.First(id => id != ensemble.Metadata(preferred).ControllerId);
        var response = await ensemble.Cluster(asked).ElectLeadersAsync(false, [new TopicPartitions(Topic, [0, 7])], 20_000, Cancellation);

        response.Error.ShouldBe(ErrorCode.None);
        response.Partitions.Select(partition => partition.Error).ShouldBe([ErrorCode.None, ErrorCode.UnknownTopicOrPartition]);
        await ensemble.SeesAsync(asked, metadata => Find(metadata)?.Leader == preferred, "the preferred leader");
    }

    [Fact]
    public async Task Reassignment_MovesReplicas_AskedOfAnyBroker()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 1, replicas: 2, []);
        var before = Find(ensemble.Metadata(1))!.Replicas;
        var added = ensemble.BrokerIds.Single(id => !before.Contains(id));
        int[] target = [added, before[1]];
        (await ensemble.Cluster(2).AlterPartitionReassignmentsAsync([new PartitionReassignment(Topic, 0, null)], Cancellation))
            .Single().Error.ShouldBe(ErrorCode.NoReassignmentInProgress);

        var outcome = (await ensemble.Cluster(3).AlterPartitionReassignmentsAsync([new PartitionReassignment(Topic, 0, target)], Cancellation)).Single();

        outcome.Error.ShouldBe(ErrorCode.None, outcome.ErrorMessage);
        await ensemble.SeesAsync(
            2, metadata => Find(metadata) is { } now && now.Replicas.SequenceEqual(target) && now.Leader == added && now.Isr.Order().SequenceEqual(target.Order()), "the new replicas alone");
        (await ensemble.Cluster(1).ListPartitionReassignmentsAsync(null, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task OfflineReplica_IsToldToTheController_AndAnotherLeads()
    {
        var disks = new ConcurrentDictionary<int, FailingLogFactory>();
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3, (id, silo) => silo.Services.AddSingleton<IPartitionLogFactory>(provider =>
        {
            var factory = new FailingLogFactory().Over(provider);
            disks[id] = factory;
            return factory;
        }));
        await ensemble.CreateReplicatedTopicAsync(1, Topic, partitions: 1, replicas: 3, []);
        var leader = Find(ensemble.Metadata(1))!.Leader;
        var survivor = ensemble.BrokerIds.First(id => id != leader);

        await ensemble.SeesAsync(leader, metadata => Find(metadata)?.Leader == leader, "itself as the leader");
        disks[leader].Fail(new TopicPartition(Topic, 0), "orders-0: No space left on device");
        var refused = await ensemble.Partition(survivor, Topic, 0, leader)
            .ProduceAsync(new PartitionProduceRequest(Batches.Of("a"), -1, 10_000, null), Cancellation);

        refused.Error.ShouldBe(ErrorCode.KafkaStorageError);
        await ensemble.SeesAsync(
            survivor,
            metadata => Find(metadata) is { Leader: > 0 } found && found.Leader != leader && !found.Isr.Contains(leader) && found.OfflineReplicas.SequenceEqual([leader]),
            "another leader, and the old one as an offline replica");
        disks[leader].Repair();
        await ensemble.StopAsync(leader);
        await ensemble.StartBrokerAsync(leader);
        await ensemble.SeesAsync(survivor, metadata => Find(metadata) is { Isr.Length: 3, OfflineReplicas.Length: 0 }, "all three in sync again");
    }

    private static PartitionMetadata? Find(MetadataSnapshot metadata) => metadata.Find(new TopicPartition(Topic, 0));

    private static async Task<ZooKeeperClient> ConnectAsync(BrokerEnsemble ensemble)
    {
        ConnectString.TryParse(ensemble.ConnectString, out var connectString, out _).ShouldBeTrue();
        return await ZooKeeperClient.ConnectAsync(new ZooKeeperOptions { ConnectString = connectString! }, Cancellation);
    }
}
