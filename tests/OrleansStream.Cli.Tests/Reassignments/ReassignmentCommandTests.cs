using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Tests.Fakes;

namespace OrleansStream.Cli.Tests.Reassignments;

public sealed class ReassignmentCommandTests
{
    private readonly FakeClient _client = new();
    private readonly TestEnvironment _environment;
    private readonly List<string> _done = [];
    private readonly Dictionary<string, string> _configs = [];
    private TopicMetadata _orders = Orders([1, 2], [2, 1]);
    private OngoingReassignment[] _ongoing = [];

    public ReassignmentCommandTests()
    {
        _environment = new TestEnvironment { Connect = _ => _client };
        var admin = _client.Admin;
        admin.DescribeClusterAsync(Arg.Any<CancellationToken>()).Returns(new ClusterMetadata("id", 1, [Broker(1), Broker(2), Broker(3)], []));
        admin.DescribeTopicsAsync(Arg.Any<IEnumerable<string>>(), Arg.Any<CancellationToken>()).Returns(call =>
            [.. call.Arg<IEnumerable<string>>().Select(name => name == "orders" ? _orders : new TopicMetadata(ErrorCode.UnknownTopicOrPartition, name, Guid.Empty, false, []))]);
        admin.ListTopicsAsync(Arg.Any<bool>(), Arg.Any<CancellationToken>()).Returns(_ => [_orders]);
        admin.DescribeReplicasAsync(Arg.Any<IEnumerable<string>?>(), Arg.Any<CancellationToken>()).Returns(
            [Replica(broker: 1, isLeader: true, bytes: 2_000_000), Replica(broker: 3, isLeader: false, bytes: 500_000)]);
        admin.ListPartitionReassignmentsAsync(Arg.Any<CancellationToken>()).Returns(_ => _ongoing);
        admin.AlterConfigsAsync(Arg.Any<IEnumerable<ConfigAlteration>>(), Arg.Any<bool>(), Arg.Any<CancellationToken>()).Returns(call =>
            [.. call.Arg<IEnumerable<ConfigAlteration>>().Select(Alter)]);
        admin.DescribeConfigsAsync(Arg.Any<IEnumerable<ConfigResource>>(), Arg.Any<CancellationToken>()).Returns(call =>
            [.. call.Arg<IEnumerable<ConfigResource>>().Select(Describe)]);
        admin.AlterPartitionReassignmentsAsync(Arg.Any<IEnumerable<PartitionReassignment>>(), Arg.Any<CancellationToken>()).Returns(call =>
            [.. call.Arg<IEnumerable<PartitionReassignment>>().Select(Reassign)]);
    }

    [Fact]
    public async Task Reassign_ThrottlesFirst_ThenMoves_ThenTakesTheThrottleOff()
    {
        (await _environment.RunAsync("topics", "reassign", "orders", "--replicas", "0:1,3", "--throttle", "1000000")).ShouldBe(ExitCode.Success, _environment.Error);

        _done.ShouldBe(
        [
            "topic orders: set leader.replication.throttled.replicas=0:1,0:2",
            "topic orders: set follower.replication.throttled.replicas=0:3",
            "broker 1: set leader.replication.throttled.rate=1000000",
            "broker 1: set follower.replication.throttled.rate=1000000",
            "broker 2: set leader.replication.throttled.rate=1000000",
            "broker 2: set follower.replication.throttled.rate=1000000",
            "broker 3: set leader.replication.throttled.rate=1000000",
            "broker 3: set follower.replication.throttled.rate=1000000",
            "orders-0 -> 1,3",
            "broker 1: delete leader.replication.throttled.rate",
            "broker 1: delete follower.replication.throttled.rate",
            "broker 2: delete leader.replication.throttled.rate",
            "broker 2: delete follower.replication.throttled.rate",
            "broker 3: delete leader.replication.throttled.rate",
            "broker 3: delete follower.replication.throttled.rate",
            "topic orders: delete leader.replication.throttled.replicas",
            "topic orders: delete follower.replication.throttled.replicas",
        ]);
        _environment.Output.ShouldBe("TOPIC   PARTITION  REPLICAS  NEW\norders  0          1,2       1,3\n");
        _environment.Error.ShouldBe("1 partition reassigned\nthrottle taken off 1 topic (orders) and 3 brokers (1, 2, 3)\n");
        _configs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reassign_OnlyShows_InADryRun_WhatTheFileTakes()
    {
        (await _environment.RunAsync("topics", "reassign", "orders", "--brokers", "1,3", "--dry-run", "--json")).ShouldBe(ExitCode.Success, _environment.Error);

        _done.ShouldBeEmpty();
        _environment.Output.ShouldBe(
            """{"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[1,3],"before":[1,2]},{"topic":"orders","partition":1,"replicas":[3,1],"before":[2,1]}],"state":"planned"}""" + "\n");

        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, _environment.Output, TestContext.Current.CancellationToken);
            (await _environment.RunAsync("topics", "reassign", "--file", file, "--no-wait")).ShouldBe(ExitCode.Success, _environment.Error);
            _done.ShouldBe(["orders-0 -> 1,3", "orders-1 -> 3,1"]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Reassign_TakesTheThrottleOffAgain_WhenItIsRefused()
    {
        _client.Admin.AlterPartitionReassignmentsAsync(Arg.Any<IEnumerable<PartitionReassignment>>(), Arg.Any<CancellationToken>())
            .Returns([new PartitionOutcome("orders", 0, ErrorCode.InvalidReplicaAssignment, "broker 3 is not alive.")]);

        (await _environment.RunAsync("topics", "reassign", "orders", "--replicas", "0:1,3", "--throttle", "1000000")).ShouldBe(ExitCode.Failed);

        _environment.Error.ShouldEndWith("ostream: orders-0 was not reassigned: broker 3 is not alive.\n");
        _configs.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("there is no topic 'nope'; `ostream topics list` shows those that are.", "nope", "--brokers", "1,2")]
    [InlineData("there is no broker 9 in the cluster; there are 1, 2, 3.", "orders", "--brokers", "1,9")]
    [InlineData("there is no broker 7 in the cluster; there are 1, 2, 3.", "orders", "--replicas", "1:1,7")]
    [InlineData("there is no partition 5 of topic 'orders'; it has 2, numbered from 0.", "orders", "--replicas", "5:1,2")]
    [InlineData("the replicas of orders-0 are to be [1,1]; there must be at least one, and each broker once.", "orders", "--replicas", "0:1,1")]
    [InlineData("orders-0 is to have 2 replicas, but --brokers names 1; name more, or give a smaller --replication-factor.", "orders", "--brokers", "1")]
    public async Task Reassign_ChangesNothing_WhenThereIsNoSuchThing(string message, params string[] arguments)
    {
        (await _environment.RunAsync(["topics", "reassign", .. arguments, "--throttle", "1000"])).ShouldBe(ExitCode.Failed);

        _environment.Error.ShouldBe($"ostream: {message}\n");
        _done.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("say where the replicas are to be: --brokers, --replicas or --file, one of them.", "orders")]
    [InlineData("say where the replicas are to be: --brokers, --replicas or --file, one of them.", "orders", "--brokers", "1", "--file", "x")]
    [InlineData("name the topics, or give --all for all of them.", "--brokers", "1,2")]
    [InlineData("name the topics, or give --all for all of them.", "orders", "--all", "--brokers", "1,2")]
    [InlineData("--brokers 'one' is not a list of broker ids, as in 1,2,3.", "orders", "--brokers", "one")]
    [InlineData("--replicas '0=1' is not PARTITION:BROKER,BROKER, as in 0:1,2.", "orders", "--replicas", "0=1")]
    [InlineData("--file says which topics; leave TOPIC and --all out.", "orders", "--file", "x")]
    public async Task Reassign_RefusesCommandLines_ThatDoNotSayOneThing(string message, params string[] arguments)
    {
        (await _environment.RunAsync(["topics", "reassign", .. arguments])).ShouldBe(ExitCode.Usage);

        _environment.Error.ShouldBe($"ostream: {message}\n");
    }

    [Fact]
    public async Task Reassignments_ShowsHowFarTheyAre()
    {
        _ongoing = [new OngoingReassignment("orders", 0, [1, 3, 2], [3], [2])];

        (await _environment.RunAsync("topics", "reassignments")).ShouldBe(ExitCode.Success, _environment.Error);

        _environment.Output.ShouldBe("""
            TOPIC   PARTITION  REPLICAS  ADDING  REMOVING  ISR  COPIED
            orders  0          1,3,2     3       2         1,2  500.0 kB of 2.0 MB

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Reassignments_AreCalledOff_AndTheirThrottleGoes_OfBrokersThatAreAwayToo()
    {
        _ongoing = [new OngoingReassignment("orders", 0, [1, 4, 2], [4], [2])];
        _configs["topic orders/follower.replication.throttled.replicas"] = "0:4";
        _configs["broker 4/follower.replication.throttled.rate"] = "1000";

        (await _environment.RunAsync("topics", "reassignments", "--cancel", "--json")).ShouldBe(ExitCode.Success, _environment.Error);

        _configs.ShouldBeEmpty();
        _environment.Output.ShouldBe("""{"state":"cancelled","cancelled":1,"throttleTakenOff":{"topics":["orders"],"brokers":[4]}}""" + "\n");
    }

    [Fact]
    public async Task Wait_LeavesTheBrokersRates_WhileAnotherTopicIsMoved()
    {
        _ongoing = [new OngoingReassignment("other", 0, [1, 3], [3], [])];
        _configs["topic orders/follower.replication.throttled.replicas"] = "*";
        _configs["broker 1/leader.replication.throttled.rate"] = "1000";

        (await _environment.RunAsync("topics", "reassignments", "orders", "--wait")).ShouldBe(ExitCode.Success, _environment.Error);

        _configs.Keys.ShouldBe(["broker 1/leader.replication.throttled.rate"]);
        _environment.Error.ShouldBe("no reassignment is under way\nthrottle taken off 1 topic (orders) and 0 brokers\n");
    }

    private static TopicMetadata Orders(params int[][] replicas) => new(
        ErrorCode.None, "orders", Guid.Empty, false, [.. replicas.Select((ids, i) => new PartitionMetadata(ErrorCode.None, i, ids[0], 1, ids, ids, []))]);

    private static BrokerMetadata Broker(int id) => new(id, "localhost", 9091 + id, 10091 + id, null, 1);

    private static PartitionDescription Replica(int broker, bool isLeader, long bytes) => new("orders", 0, broker, isLeader, 1, 0, 10, 10, 10, 10, bytes, null);

    private static string Name(ConfigResource resource) => $"{resource.Type.ToString().ToLowerInvariant()} {resource.Name}";

    private TopicResult Alter(ConfigAlteration alteration)
    {
        foreach (var change in alteration.Changes)
        {
            var key = $"{Name(alteration.Resource)}/{change.Name}";
            if (change.Operation == ConfigOperation.Set)
            {
                _configs[key] = change.Value!;
                _done.Add($"{Name(alteration.Resource)}: set {change.Name}={change.Value}");
            }
            else
            {
                _configs.Remove(key).ShouldBeTrue(key);
                _done.Add($"{Name(alteration.Resource)}: delete {change.Name}");
            }
        }

        return new TopicResult(alteration.Resource.Name, Guid.Empty, ErrorCode.None, null);
    }

    private ConfigDescription Describe(ConfigResource resource) => new(
        resource,
        ErrorCode.None,
        null,
        [
            .. _configs.Where(entry => entry.Key.StartsWith($"{Name(resource)}/", StringComparison.Ordinal)).Select(entry => new ConfigEntry(
                entry.Key.Split('/')[1],
                entry.Value,
                resource.Type == ConfigResourceType.Topic ? ConfigSource.DynamicTopicConfig : ConfigSource.DynamicBrokerConfig,
                false,
                false,
                ConfigValueType.Long,
                "")),
        ]);

    private PartitionOutcome Reassign(PartitionReassignment wanted)
    {
        if (wanted.Replicas is { } replicas)
        {
            _done.Add($"{wanted.Topic}-{wanted.Partition} -> {string.Join(',', replicas)}");
            _orders = _orders with
            {
                Partitions = [.. _orders.Partitions.Select(partition => partition.Partition == wanted.Partition ? partition with { Replicas = replicas } : partition)],
            };
        }
        else
        {
            _ongoing = [.. _ongoing.Where(move => move.Topic != wanted.Topic || move.Partition != wanted.Partition)];
        }

        return new PartitionOutcome(wanted.Topic, wanted.Partition, ErrorCode.None, null);
    }
}
