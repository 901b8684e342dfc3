using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Gateway.Tests.Doubles;
using OrleansStream.Protocol.Kafka;
using CreateTopicsRequest = OrleansStream.Protocol.Kafka.CreateTopicsRequest;

namespace OrleansStream.Gateway.Tests.Handlers;

public sealed class AdministrationTests
{
    private readonly List<Abstractions.CreateTopicsRequest> _created = [];

    [Fact]
    public async Task CreateTopics_RefusesDuplicates_AndCreatesTheRest()
    {
        await using var fixture = await StartAsync();
        var request = new CreateTopicsRequest { Topics = [Creatable("b", 2), Creatable("a", 1), Creatable("c", 2), Creatable("a", 3)], TimeoutMs = 5 };

        var response = await CallAsync<CreateTopicsRequest, CreateTopicsResponse>(fixture, request, 4);

        response.Topics.Select(topic => (topic.Name, topic.ErrorCode)).ShouldBe([("b", ErrorCode.None), ("a", ErrorCode.InvalidRequest), ("c", ErrorCode.None)]);
        _created.ShouldHaveSingleItem().Topics.Select(topic => topic.Name).ShouldBe(["b", "c"]);
    }

    [Fact]
    public async Task CreateTopics_PassesAssignmentsOn_InTheOrderOfThePartitions()
    {
        await using var fixture = await StartAsync();
        var topic = Creatable("a", -1);
        topic.Assignments = [new() { PartitionIndex = 1, BrokerIds = [2, 1] }, new() { PartitionIndex = 0, BrokerIds = [1, 2] }];

        await CallAsync<CreateTopicsRequest, CreateTopicsResponse>(fixture, new CreateTopicsRequest { Topics = [topic] }, 7);

        var created = _created.ShouldHaveSingleItem().Topics.ShouldHaveSingleItem();
        created.PartitionCount.ShouldBe(-1);
        created.Assignments.ShouldNotBeNull().ShouldBe([[1, 2], [2, 1]]);
    }

    [Theory]
    [InlineData(-1, 0, 0)]
    [InlineData(-1, 0, 2)]
    [InlineData(-1, -1, 0)]
    [InlineData(2, 0, 1)]
    public async Task CreateTopics_RefusesAssignments_ThatDoNotFit(int partitions, int first, int second)
    {
        await using var fixture = await StartAsync();
        var topic = Creatable("a", partitions);
        topic.Assignments = [new() { PartitionIndex = first, BrokerIds = [1] }, new() { PartitionIndex = second, BrokerIds = [1] }];

        var response = await CallAsync<CreateTopicsRequest, CreateTopicsResponse>(fixture, new CreateTopicsRequest { Topics = [topic] }, 7);

        response.Topics.ShouldHaveSingleItem().ErrorCode.ShouldBeOneOf(ErrorCode.InvalidReplicaAssignment, ErrorCode.InvalidRequest);
        _created.ShouldBeEmpty();
    }

    [Fact]
    public async Task DescribeConfigs_ShowsTheKeysThatWereAskedFor()
    {
        await using var fixture = await StartAsync();
        ConfigEntry[] entries = [Entry("retention.ms"), Entry("segment.bytes")];
        fixture.Grains.Cluster.DescribeConfigsAsync(Arg.Any<ConfigResource[]>(), Arg.Any<CancellationToken>()).Returns(call =>
            Array.ConvertAll(call.ArgAt<ConfigResource[]>(0), resource => new ConfigDescription(resource, ErrorCode.None, null, entries)));
        var request = new DescribeConfigsRequest
        {
            Resources =
            [
                new() { ResourceType = 2, ResourceName = "all", ConfigurationKeys = null },
                new() { ResourceType = 2, ResourceName = "one", ConfigurationKeys = ["segment.bytes", "no.such.key"] },
                new() { ResourceType = 2, ResourceName = "any", ConfigurationKeys = [] },
            ],
            IncludeDocumentation = true,
        };

        var response = await CallAsync<DescribeConfigsRequest, DescribeConfigsResponse>(fixture, request, 4);

        response.Results.Select(result => string.Join(',', result.Configs.Select(config => config.Name)))
            .ShouldBe(["retention.ms,segment.bytes", "segment.bytes", "retention.ms,segment.bytes"]);
        response.Results[0].Configs.ShouldAllBe(config => config.Documentation == "what it means" && config.Synonyms.Count == 0);
    }

    [Fact]
    public async Task AlterConfigs_ReplacesWhatIsSet_AndTakesTheLastOfTwoValues()
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Cluster.DescribeConfigsAsync(Arg.Any<ConfigResource[]>(), Arg.Any<CancellationToken>()).Returns(call => Array.ConvertAll(
            call.ArgAt<ConfigResource[]>(0),
            resource => new ConfigDescription(resource, ErrorCode.None, null, [Entry("segment.bytes") with { Source = ConfigSource.DynamicTopicConfig }])));
        ConfigAlteration[]? altered = null;
        fixture.Grains.Cluster.AlterConfigsAsync(Arg.Do<ConfigAlteration[]>(asked => altered = asked), Arg.Any<bool>(), Arg.Any<CancellationToken>())
            .Returns([new TopicResult("t", Guid.Empty, ErrorCode.None, null)]);
        var request = new AlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    ResourceType = 2,
                    ResourceName = "t",
                    Configs = [new() { Name = "retention.ms", Value = "1" }, new() { Name = "retention.ms", Value = "2" }],
                },
            ],
        };

        await CallAsync<AlterConfigsRequest, AlterConfigsResponse>(fixture, request, 1);

        altered.ShouldNotBeNull()[0].Changes.ShouldBe(
            [new("retention.ms", ConfigOperation.Set, "2"), new("segment.bytes", ConfigOperation.Delete, null)], ignoreOrder: true);
    }

    [Fact]
    public async Task DescribeTopicPartitions_GoesThroughAllTopics_PageByPage()
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Topics.AddRange([FakeGrains.Topic("c", 1), FakeGrains.Topic("a", 4), FakeGrains.Topic("b", 3)]);
        var pages = new List<string>();
        DescribeTopicPartitionsRequest.CursorValue? cursor = null;
        do
        {
            var request = new DescribeTopicPartitionsRequest { ResponsePartitionLimit = 3, Cursor = cursor };
            var response = await CallAsync<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>(fixture, request, 0);
            pages.Add(string.Join(' ', response.Topics.SelectMany(topic => topic.Partitions.Select(partition => $"{topic.Name}{partition.PartitionIndex}"))));
            cursor = response.NextCursor is { } next ? new() { TopicName = next.TopicName, PartitionIndex = next.PartitionIndex } : null;
        }
        while (cursor is not null);

        pages.ShouldBe(["a0 a1 a2", "a3 b0 b1", "b2 c0"]);
    }

    [Fact]
    public async Task DescribeTopicPartitions_ShowsEmptyLists_WhenNoEligibleLeadersAreKnown()
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Topics.Add(FakeGrains.Topic("a", 1));

        var response = await CallAsync<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>(
            fixture, new DescribeTopicPartitionsRequest { ResponsePartitionLimit = 1 }, 0);

        var partition = response.Topics[0].Partitions.ShouldHaveSingleItem();
        partition.EligibleLeaderReplicas.ShouldNotBeNull().ShouldBeEmpty();
        partition.LastKnownElr.ShouldNotBeNull().ShouldBeEmpty();
    }

    [Fact]
    public async Task DescribeProducers_ShowsWhatThePartitionKnows()
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Partition("t/0@1").DescribeProducersAsync(Arg.Any<CancellationToken>())
            .Returns(new Abstractions.DescribeProducersResponse(ErrorCode.None, null, [new ProducerDescription(7000, 2, 41, 1234)]));
        var request = new DescribeProducersRequest { Topics = [new() { Name = "t", PartitionIndexes = [0, -1] }] };

        var response = await CallAsync<DescribeProducersRequest, Protocol.Kafka.DescribeProducersResponse>(fixture, request, 0);

        var producer = response.Topics[0].Partitions[0].ActiveProducers.ShouldHaveSingleItem();
        (producer.ProducerId, producer.ProducerEpoch, producer.LastSequence, producer.LastTimestamp).ShouldBe((7000L, 2, 41, 1234L));
        response.Topics[0].Partitions[1].ErrorCode.ShouldBe(ErrorCode.UnknownTopicOrPartition);
    }

    [Fact]
    public async Task ElectLeaders_AsksTheCluster_AndAnswersByTopic()
    {
        await using var fixture = await StartAsync();
        fixture.Grains.Cluster.ElectLeadersAsync(true, Arg.Is<TopicPartitions[]?>(topics => topics!.Single().Topic == "t"), 777, Arg.Any<CancellationToken>())
            .Returns(new Abstractions.ElectLeadersResponse(ErrorCode.None,
            [
                new PartitionOutcome("t", 0, ErrorCode.None, null),
                new PartitionOutcome("t", 2, ErrorCode.EligibleLeadersNotAvailable, "nobody"),
            ]));
        var request = new ElectLeadersRequest { ElectionType = 1, TimeoutMs = 777, TopicPartitions = [new() { Topic = "t", Partitions = [0, 2] }] };

        var response = await CallAsync<ElectLeadersRequest, Protocol.Kafka.ElectLeadersResponse>(fixture, request, 2);

        response.ReplicaElectionResults.ShouldHaveSingleItem().PartitionResult.Select(result => (result.PartitionId, result.ErrorCode, result.ErrorMessage))
            .ShouldBe([(0, ErrorCode.None, null), (2, ErrorCode.EligibleLeadersNotAvailable, "nobody")]);
        request.ElectionType = 7;
        (await CallAsync<ElectLeadersRequest, Protocol.Kafka.ElectLeadersResponse>(fixture, request, 2)).ErrorCode.ShouldBe(ErrorCode.InvalidRequest);
    }

    [Fact]
    public async Task PartitionReassignments_ArePassedOn_AndListed()
    {
        await using var fixture = await StartAsync();
        PartitionReassignment[]? asked = null;
        fixture.Grains.Cluster.AlterPartitionReassignmentsAsync(Arg.Do<PartitionReassignment[]>(wanted => asked = wanted), Arg.Any<CancellationToken>())
            .Returns([new PartitionOutcome("t", 0, ErrorCode.None, null), new PartitionOutcome("t", 1, ErrorCode.NoReassignmentInProgress, "none")]);
        fixture.Grains.Cluster.ListPartitionReassignmentsAsync(null, Arg.Any<CancellationToken>())
            .Returns([new OngoingReassignment("t", 0, [3, 1, 2], [3], [2])]);
        var request = new AlterPartitionReassignmentsRequest
        {
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, Replicas = [3, 1] }, new() { PartitionIndex = 1 }] }],
        };

        var response = await CallAsync<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(fixture, request, 0);
        var listed = await CallAsync<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(fixture, new ListPartitionReassignmentsRequest(), 0);

        asked.ShouldNotBeNull().Select(wanted => (wanted.Partition, wanted.Replicas is null)).ShouldBe([(0, false), (1, true)]);
        response.Responses.ShouldHaveSingleItem().Partitions.Select(partition => partition.ErrorCode).ShouldBe([ErrorCode.None, ErrorCode.NoReassignmentInProgress]);
        var partition = listed.Topics.ShouldHaveSingleItem().Partitions.ShouldHaveSingleItem();
        partition.Replicas.ShouldBe([3, 1, 2]);
        (partition.AddingReplicas.Single(), partition.RemovingReplicas.Single()).ShouldBe((3, 2));
    }

    [Fact]
    public async Task IncrementalAlterConfigs_PassesOnTheThrottle_OfTopicsAndBrokers()
    {
        await using var fixture = await StartAsync();
        ConfigAlteration[]? asked = null;
        fixture.Grains.Cluster.AlterConfigsAsync(Arg.Do<ConfigAlteration[]>(wanted => asked = wanted), false, Arg.Any<CancellationToken>())
            .Returns(call => Array.ConvertAll(call.ArgAt<ConfigAlteration[]>(0), wanted => new TopicResult(wanted.Resource.Name, Guid.Empty, ErrorCode.None, null)));
        var request = new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new() { ResourceType = 4, ResourceName = "2", Configs = [new() { Name = "leader.replication.throttled.rate", ConfigOperation = 0, Value = "20000000" }] },
                new() { ResourceType = 4, ResourceName = "", Configs = [new() { Name = "replica.alter.log.dirs.io.max.bytes.per.second", ConfigOperation = 1, Value = null }] },
                new() { ResourceType = 2, ResourceName = "t", Configs = [new() { Name = "follower.replication.throttled.replicas", ConfigOperation = 2, Value = "0:3" }] },
            ],
        };

        var response = await CallAsync<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(fixture, request, 1);

        response.Responses.Select(resource => (resource.ResourceType, resource.ResourceName, resource.ErrorCode))
            .ShouldBe([((sbyte)4, "2", ErrorCode.None), ((sbyte)4, "", ErrorCode.None), ((sbyte)2, "t", ErrorCode.None)]);
        asked.ShouldNotBeNull().Select(wanted => (wanted.Resource.Type, wanted.Resource.Name, wanted.Changes.Single()))
            .ShouldBe(
            [
                (ConfigResourceType.Broker, "2", new ConfigChange("leader.replication.throttled.rate", ConfigOperation.Set, "20000000")),
                (ConfigResourceType.Broker, "", new ConfigChange("replica.alter.log.dirs.io.max.bytes.per.second", ConfigOperation.Delete, null)),
                (ConfigResourceType.Topic, "t", new ConfigChange("follower.replication.throttled.replicas", ConfigOperation.Append, "0:3")),
            ]);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("2", false)]
    public async Task AlterConfigs_TakesBackWhatIsSetForAllBrokers_WhereThoseAreMeant(string broker, bool isTakenBack)
    {
        await using var fixture = await StartAsync();
        ConfigAlteration[]? asked = null;
        var entry = Entry("log.retention.ms") with { Source = ConfigSource.DynamicDefaultBrokerConfig };
        fixture.Grains.Cluster.DescribeConfigsAsync(Arg.Any<ConfigResource[]>(), Arg.Any<CancellationToken>())
            .Returns([new ConfigDescription(new ConfigResource(ConfigResourceType.Broker, broker), ErrorCode.None, null, [entry])]);
        fixture.Grains.Cluster.AlterConfigsAsync(Arg.Do<ConfigAlteration[]>(wanted => asked = wanted), false, Arg.Any<CancellationToken>())
            .Returns([new TopicResult(broker, Guid.Empty, ErrorCode.None, null)]);
        var request = new AlterConfigsRequest
        {
            Resources = [new() { ResourceType = 4, ResourceName = broker, Configs = [new() { Name = "follower.replication.throttled.rate", Value = "5" }] }],
        };

        await CallAsync<AlterConfigsRequest, AlterConfigsResponse>(fixture, request, 2);

        asked.ShouldNotBeNull().Single().Changes.Any(change => change is { Name: "log.retention.ms", Operation: ConfigOperation.Delete }).ShouldBe(isTakenBack);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("t", -1)]
    public async Task PartitionThatCannotBe_IsUnknown_AndReachesNoGrain(string topic, int partition)
    {
        await using var fixture = await StartAsync();

        var produced = await CallAsync<ProduceRequest, ProduceResponse>(fixture, SampleRequests.Produce(topic, partition, 1), 9);
        var listed = await CallAsync<ListOffsetsRequest, ListOffsetsResponse>(
            fixture, new ListOffsetsRequest { Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition, Timestamp = -1 }] }] }, 7);

        produced.Responses[0].PartitionResponses[0].ErrorCode.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        listed.Topics[0].Partitions[0].ErrorCode.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        fixture.Grains.Partitions.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public async Task Produce_IsRefusedWithAnAnswer_InAVersionOfOldMessageFormats(short version)
    {
        await using var fixture = await StartAsync();

        var response = await CallAsync<ProduceRequest, ProduceResponse>(fixture, SampleRequests.Produce("t", 0, 1), version);

        response.Responses[0].PartitionResponses[0].ErrorCode.ShouldBe(ErrorCode.UnsupportedForMessageFormat);
    }

    private static CreateTopicsRequest.CreatableTopic Creatable(string name, int partitions)
        => new() { Name = name, NumPartitions = partitions, ReplicationFactor = -1 };

    private static ConfigEntry Entry(string name)
        => new(name, "1", ConfigSource.DefaultConfig, false, false, ConfigValueType.Long, "what it means");

    private static async Task<TResponse> CallAsync<TRequest, TResponse>(GatewayFixture fixture, TRequest request, short version)
        where TRequest : IKafkaRequest<TRequest>
        where TResponse : IKafkaResponse<TResponse>
    {
        using var client = await fixture.ConnectAsync();
        return await client.CallAsync<TRequest, TResponse>(request, version);
    }

    private async Task<GatewayFixture> StartAsync()
    {
        var fixture = await GatewayFixture.StartAsync();
        fixture.Grains.Cluster.CreateTopicsAsync(Arg.Any<Abstractions.CreateTopicsRequest>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            var request = call.ArgAt<Abstractions.CreateTopicsRequest>(0);
            _created.Add(request);
            return Array.ConvertAll(request.Topics, topic => new TopicResult(topic.Name, Guid.NewGuid(), ErrorCode.None, null));
        });
        fixture.Grains.Cluster.DescribeConfigsAsync(Arg.Any<ConfigResource[]>(), Arg.Any<CancellationToken>()).Returns([]);
        return fixture;
    }
}
