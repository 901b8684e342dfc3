using System.Collections.Immutable;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Controller;

namespace OrleansStream.Core.Tests.Controller;

public class TopicPlannerTests
{
    private static readonly Guid TopicId = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly BrokerRack[] ThreeBrokers = [new(1, null), new(2, null), new(3, null)];

    [Fact]
    public void PlanTopic_PlacesReplicas()
    {
        var topic = Plan(new TopicCreation("orders", 3, 2, Values(), null)).Value;

        topic.ShouldBe(new TopicAssignment("orders", TopicId, [new(1, 2), new(2, 3), new(3, 1)]));
    }

    [Fact]
    public void PlanTopic_TakesTheBrokersDefaults_WhenNumbersAreLeftOut()
    {
        var config = BrokerConfig.Create(Values(("num.partitions", "4"), ("default.replication.factor", "3"))).Value;

        var topic = Plan(new TopicCreation("orders", -1, -1, Values(), null), config).Value;

        topic.Partitions.Length.ShouldBe(4);
        topic.Partitions[0].Replicas.Length.ShouldBe(3);
    }

    [Fact]
    public void PlanTopic_TakesTheGivenAssignment()
        => Plan(new TopicCreation("orders", -1, -1, Values(), [[3, 1], [2, 3]])).Value.Partitions.ShouldBe([new(3, 1), new(2, 3)]);

    [Theory]
    [InlineData("no/slash", ErrorCode.InvalidTopicException, "contains '/'")]
    [InlineData("exists", ErrorCode.TopicAlreadyExists, "Topic 'exists' already exists.")]
    [InlineData("dying", ErrorCode.TopicAlreadyExists, "Topic 'dying' is marked for deletion.")]
    [InlineData("with_dot", ErrorCode.InvalidTopicException, "collides with existing topics: with.dot")]
    public void PlanTopic_RefusesNames(string name, ErrorCode error, string message)
        => ShouldFail(Plan(new TopicCreation(name, 1, 1, Values(), null)), error, message);

    [Theory]
    [InlineData(0, 1, ErrorCode.InvalidPartitions)]
    [InlineData(-2, 1, ErrorCode.InvalidPartitions)]
    [InlineData(10_001, 1, ErrorCode.InvalidPartitions)]
    [InlineData(1, 0, ErrorCode.InvalidReplicationFactor)]
    [InlineData(1, 4, ErrorCode.InvalidReplicationFactor)]
    public void PlanTopic_RefusesNumbers(int partitions, int replicas, ErrorCode error)
        => ShouldFail(Plan(new TopicCreation("orders", partitions, replicas, Values(), null)), error, partitions == 1 ? $"{replicas}" : $"{partitions}");

    [Fact]
    public void PlanTopic_RefusesInconsistentAssignments()
    {
        ShouldFail(Plan(Given([1], [2, 3])), ErrorCode.InvalidReplicaAssignment, "The assignment at index 1 has 2 replicas where 1 are needed.");
        ShouldFail(Plan(Given([1, 1])), ErrorCode.InvalidReplicaAssignment, "index 0 names a broker twice: 1, 1");
        ShouldFail(Plan(Given([1], [9])), ErrorCode.InvalidReplicaAssignment, "index 1 names broker 9, which is not alive");
        ShouldFail(Plan(Given([1], [-1])), ErrorCode.InvalidReplicaAssignment, "index 1 names a negative broker id");
        ShouldFail(Plan(Given(ImmutableArray<int>.Empty)), ErrorCode.InvalidReplicaAssignment, "index 0 has no replicas");
        ShouldFail(Plan(Given()), ErrorCode.InvalidPartitions, "must be larger than 0");
        ShouldFail(Plan(Given([1]) with { PartitionCount = 1 }), ErrorCode.InvalidRequest, "Both cannot be used at the same time.");
        ShouldFail(Plan(Given([1]) with { ReplicationFactor = 1 }), ErrorCode.InvalidRequest, "Both cannot be used at the same time.");
    }

    [Fact]
    public void PlanTopic_RefusesConfigurations()
        => ShouldFail(Plan(new TopicCreation("orders", 1, 1, Values(("retention.mss", "1")), null)), ErrorCode.InvalidConfig, "Did you mean retention.ms?");

    [Fact]
    public void PlanPartitions_GoesOnWhereTheTopicEnds()
    {
        var topic = new TopicAssignment("t", TopicId, [new(2, 3)]);

        TopicPlanner.PlanPartitions(topic, 4, null, ThreeBrokers).Value.Partitions.ShouldBe([new(2, 3), new(3, 2), new(1, 3), new(2, 3)]);
        TopicPlanner.PlanPartitions(topic, 2, [[3, 1]], ThreeBrokers).Value.Partitions.ShouldBe([new(2, 3), new(3, 1)]);
    }

    [Fact]
    public void PlanPartitions_Refuses_WhatIsNoIncrease()
    {
        var topic = new TopicAssignment("t", TopicId, [new(1), new(2), new(3)]);

        ShouldFail(TopicPlanner.PlanPartitions(topic, 3, null, ThreeBrokers), ErrorCode.InvalidPartitions, "Topic already has 3 partitions.");
        ShouldFail(TopicPlanner.PlanPartitions(topic, 2, null, ThreeBrokers), ErrorCode.InvalidPartitions, "currently has 3 partition(s); 2 would not be an increase");
        ShouldFail(TopicPlanner.PlanPartitions(topic, int.MaxValue, null, ThreeBrokers), ErrorCode.InvalidPartitions, "at most 10000");
        ShouldFail(TopicPlanner.PlanPartitions(topic, 5, [[1]], ThreeBrokers), ErrorCode.InvalidReplicaAssignment, "by 2 but 1 assignments provided");
        ShouldFail(TopicPlanner.PlanPartitions(topic, 4, [[1, 2]], ThreeBrokers), ErrorCode.InvalidReplicaAssignment, "has 2 replicas where 1 are needed");
        ShouldFail(
            TopicPlanner.PlanPartitions(topic with { Partitions = [new([1, 2], [2], [1])] }, 4, null, ThreeBrokers),
            ErrorCode.ReassignmentInProgress,
            "reassignment is in progress");
    }

    private static TopicCreation Given(params ImmutableArray<int>[] assignments) => new("orders", -1, -1, Values(), [.. assignments]);

    private static Outcome<TopicAssignment> Plan(TopicCreation wanted, BrokerConfig? config = null)
        => TopicPlanner.PlanTopic(
            wanted, TopicId, new HashSet<string> { "exists", "with.dot", "dying" }, new HashSet<string> { "dying" }, ThreeBrokers, config ?? BrokerConfig.Default, 0, 0);

    private static void ShouldFail(Outcome<TopicAssignment> outcome, ErrorCode error, string message)
    {
        outcome.Error.ShouldBe(error, outcome.Message);
        outcome.Message!.ShouldContain(message);
    }

    private static ImmutableDictionary<string, string> Values(params (string Key, string Value)[] values)
        => values.ToImmutableDictionary(value => value.Key, value => value.Value);
}
