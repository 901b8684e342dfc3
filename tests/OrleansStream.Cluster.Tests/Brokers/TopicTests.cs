using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;

namespace OrleansStream.Cluster.Tests.Brokers;

public sealed class TopicTests
{
    [Fact]
    public async Task CreateTopics_IsUsableAtOnce_AndListed()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders", partitions: 3);

        var metadata = await cluster.Cluster.GetMetadataAsync(new MetadataRequest(null, false), CancellationToken.None);

        var topic = metadata.Topics.ShouldHaveSingleItem();
        (topic.Name, topic.Error).ShouldBe(("orders", ErrorCode.None));
        topic.Partitions.Select(partition => (partition.Partition, partition.Leader, partition.Error))
            .ShouldBe(Enumerable.Range(0, 3).Select(p => (p, BrokerCluster.BrokerId, ErrorCode.None)));
        metadata.ControllerId.ShouldBe(BrokerCluster.BrokerId);
        metadata.Brokers.ShouldHaveSingleItem().GatewayPort.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("bad name", ErrorCode.InvalidTopicException)]
    [InlineData("..", ErrorCode.InvalidTopicException)]
    [InlineData("", ErrorCode.InvalidTopicException)]
    [InlineData("orders", ErrorCode.TopicAlreadyExists)]
    public async Task CreateTopics_Refuses_WhenTheNameIsBadOrTaken(string name, ErrorCode expected)
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");

        var result = (await CreateAsync(cluster, new CreatableTopic(name, 1, 1, [], null))).ShouldHaveSingleItem();

        result.Error.ShouldBe(expected);
        result.ErrorMessage.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task CreateTopics_Refuses_WhenPartitionsReplicasOrConfigsAreWrong()
    {
        await using var cluster = await BrokerCluster.StartAsync();

        var results = await CreateAsync(
            cluster,
            new CreatableTopic("a", 0, 1, [], null),
            new CreatableTopic("b", 1, 2, [], null),
            new CreatableTopic("c", 1, 1, new Dictionary<string, string> { ["no.such.key"] = "1" }, null),
            new CreatableTopic("d", 1, 1, new Dictionary<string, string> { ["retention.ms"] = "soon" }, null),
            new CreatableTopic("e", 1, 1, [], null),
            new CreatableTopic("twice", 1, 1, [], null),
            new CreatableTopic("twice", 1, 1, [], null));

        results.Select(result => result.Error).ShouldBe(
        [
            ErrorCode.InvalidPartitions, ErrorCode.InvalidReplicationFactor, ErrorCode.InvalidConfig, ErrorCode.InvalidConfig, ErrorCode.None,
            ErrorCode.InvalidRequest, ErrorCode.InvalidRequest,
        ]);
    }

    [Fact]
    public async Task CreateTopics_OpensThePartitions_WhileClientsAskForThemAlready()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        var asking = Enumerable.Range(0, 20).Select(partition => AskAsync(cluster, partition)).ToArray();

        await cluster.CreateTopicAsync("orders", partitions: 20);
        await Task.WhenAll(asking).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        foreach (var partition in Enumerable.Range(0, 20))
        {
            (await cluster.ProduceAsync("orders", Batches.Of("a"), partition)).Error.ShouldBe(ErrorCode.None);
        }

        static async Task AskAsync(BrokerCluster cluster, int partition)
        {
            var read = new PartitionReadRequest(0, 100, -1, IsolationLevel.ReadUncommitted, true);
            while ((await cluster.Partition("orders", partition).ReadAsync(read, TestContext.Current.CancellationToken)).Error != ErrorCode.None)
            {
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task CreateTopics_CreatesNothing_WhenOnlyValidating()
    {
        await using var cluster = await BrokerCluster.StartAsync();

        var result = await cluster.Cluster.CreateTopicsAsync(
            new CreateTopicsRequest([new CreatableTopic("orders", 1, 1, [], null)], ValidateOnly: true, 1000), CancellationToken.None);

        result[0].Error.ShouldBe(ErrorCode.None);
        (await cluster.Cluster.GetMetadataAsync(new MetadataRequest(null, false), CancellationToken.None)).Topics.ShouldBeEmpty();
    }

    [Fact]
    public async Task DeleteTopics_RemovesTheData_AndFreesTheName()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        await cluster.ProduceAsync("orders", Batches.Of("old"));
        var stale = cluster.Partition("orders");

        var results = await cluster.Cluster.DeleteTopicsAsync(["orders", "missing"], BrokerCluster.TimeoutMs, CancellationToken.None);

        results.Select(result => result.Error).ShouldBe([ErrorCode.None, ErrorCode.UnknownTopicOrPartition]);
        Directory.Exists(Path.Combine(cluster.DataDirectory, "logs", "orders-0")).ShouldBeFalse();
        (await stale.ReadAsync(new PartitionReadRequest(0, 100, -1, IsolationLevel.ReadUncommitted, true), CancellationToken.None))
            .Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        await cluster.CreateTopicAsync("orders");
        (await cluster.ReadAllAsync("orders")).ShouldBeEmpty();
        (await cluster.ProduceAsync("orders", Batches.Of("new"))).BaseOffset.ShouldBe(0);
    }

    [Fact]
    public async Task DeleteTopics_Refuses_WhenDeletionIsOff()
    {
        await using var cluster = await BrokerCluster.StartAsync(("delete.topic.enable", "false"));
        await cluster.CreateTopicAsync("orders");

        (await cluster.Cluster.DeleteTopicsAsync(["orders"], 1000, CancellationToken.None))[0].Error.ShouldBe(ErrorCode.TopicDeletionDisabled);
    }

    [Fact]
    public async Task CreatePartitions_TakesAnAssignment_OfLivingBrokers()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");

        (await CreateAsync([[BrokerCluster.BrokerId], [BrokerCluster.BrokerId]], 3)).ShouldBe(ErrorCode.None);
        (await CreateAsync([[BrokerCluster.BrokerId + 1]], 4)).ShouldBe(ErrorCode.InvalidReplicaAssignment);
        (await CreateAsync([[BrokerCluster.BrokerId], [BrokerCluster.BrokerId]], 4)).ShouldBe(ErrorCode.InvalidReplicaAssignment);

        (await cluster.ProduceAsync("orders", Batches.Of("b"), partition: 2)).Error.ShouldBe(ErrorCode.None);

        async Task<ErrorCode> CreateAsync(int[][] assignments, int totalCount)
            => (await cluster.Cluster.CreatePartitionsAsync("orders", totalCount, assignments, false, BrokerCluster.TimeoutMs, CancellationToken.None)).Error;
    }

    [Fact]
    public async Task CreatePartitions_AddsThem_AndKeepsTheOldOnes()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        await cluster.ProduceAsync("orders", Batches.Of("a"));

        (await cluster.Cluster.CreatePartitionsAsync("orders", 4, null, false, BrokerCluster.TimeoutMs, CancellationToken.None)).Error.ShouldBe(ErrorCode.None);

        (await cluster.ProduceAsync("orders", Batches.Of("b"), partition: 3)).Error.ShouldBe(ErrorCode.None);
        (await cluster.ReadAllAsync("orders")).ShouldBe(["a"]);
        (await cluster.Cluster.CreatePartitionsAsync("orders", 2, null, false, 1000, CancellationToken.None)).Error.ShouldBe(ErrorCode.InvalidPartitions);
        (await cluster.Cluster.CreatePartitionsAsync("none", 2, null, false, 1000, CancellationToken.None)).Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
    }

    [Theory]
    [InlineData(true, true, ErrorCode.None)]
    [InlineData(true, false, ErrorCode.UnknownTopicOrPartition)]
    [InlineData(false, true, ErrorCode.UnknownTopicOrPartition)]
    public async Task GetMetadata_CreatesAnUnknownTopic_WhenClientAndBrokerAllowIt(bool clientAllows, bool brokerAllows, ErrorCode expected)
    {
        await using var cluster = await BrokerCluster.StartAsync(
            ("auto.create.topics.enable", brokerAllows ? "true" : "false"), ("num.partitions", "2"));

        var metadata = await cluster.Cluster.GetMetadataAsync(new MetadataRequest(["orders", "bad name"], clientAllows), CancellationToken.None);

        metadata.Topics.Select(topic => topic.Error).ShouldBe([expected, ErrorCode.InvalidTopicException]);
        metadata.Topics[0].Partitions.Length.ShouldBe(expected == ErrorCode.None ? 2 : 0);
    }

    [Fact]
    public async Task AlterConfigs_TakesEffect_OnOpenPartitions()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        await cluster.CreateTopicAsync("orders");
        var resource = new ConfigResource(ConfigResourceType.Topic, "orders");

        var altered = await cluster.Cluster.AlterConfigsAsync(
            [new ConfigAlteration(resource, [new ConfigChange("max.message.bytes", ConfigOperation.Set, "100")])], false, CancellationToken.None);
        altered[0].Error.ShouldBe(ErrorCode.None, altered[0].ErrorMessage);

        await EventuallyAsync(async () => (await cluster.ProduceAsync("orders", Batches.Of(new string('x', 200)))).Error == ErrorCode.MessageTooLarge);
        (await cluster.Cluster.AlterConfigsAsync(
            [new ConfigAlteration(resource, [new ConfigChange("max.message.bytes", ConfigOperation.Set, "many")])], false, CancellationToken.None))[0]
            .Error.ShouldBe(ErrorCode.InvalidConfig);
        var described = await cluster.Cluster.DescribeConfigsAsync([resource, new ConfigResource(ConfigResourceType.Topic, "none")], CancellationToken.None);
        described[0].Entries.Single(entry => entry.Name == "max.message.bytes").ShouldSatisfyAllConditions(
            entry => entry.Value.ShouldBe("100"), entry => entry.Source.ShouldBe(ConfigSource.DynamicTopicConfig),
            entry => entry.Synonyms.ShouldBe(
            [
                new("max.message.bytes", "100", ConfigSource.DynamicTopicConfig),
                new("message.max.bytes", "1048588", ConfigSource.DefaultConfig),
            ]));
        described[1].Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
    }

    private static Task<TopicResult[]> CreateAsync(BrokerCluster cluster, params CreatableTopic[] topics)
        => cluster.Cluster.CreateTopicsAsync(new CreateTopicsRequest(topics, false, BrokerCluster.TimeoutMs), CancellationToken.None);

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!await condition())
        {
            timeout.Token.IsCancellationRequested.ShouldBeFalse("the change was not applied within 10 s");
        }
    }
}
