using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Tests.Fakes;

namespace OrleansStream.Cli.Tests.Cluster;

public sealed class BrokerConfigCommandTests
{
    private readonly FakeClient _client = new();
    private readonly TestEnvironment _environment;

    public BrokerConfigCommandTests() => _environment = new TestEnvironment { Connect = _ => _client };

    [Fact]
    public async Task Configs_ShowsWhatIsSet_WithItsOrigin()
    {
        _client.Admin.DescribeConfigsAsync(Arg.Any<IEnumerable<ConfigResource>>(), Arg.Any<CancellationToken>()).Returns(call =>
            [.. call.Arg<IEnumerable<ConfigResource>>().Select(resource => new ConfigDescription(resource, ErrorCode.None, null,
                [
                    Entry("follower.replication.throttled.rate", "1000", ConfigSource.DynamicBrokerConfig),
                    Entry("log.retention.ms", "5", ConfigSource.DynamicDefaultBrokerConfig),
                    Entry("num.partitions", "3", ConfigSource.StaticBrokerConfig),
                    Entry("request.timeout.ms", "30000", ConfigSource.DefaultConfig),
                ]))]);

        (await _environment.RunAsync("cluster", "configs", "2")).ShouldBe(ExitCode.Success, _environment.Error);

        _environment.Output.ShouldBe("""
            broker 2
              follower.replication.throttled.rate=1000
              log.retention.ms=5  (set for all brokers)
              num.partitions=3  (given at the start)

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Alter_ChangesEachBroker_AndSaysWhichOneRefused()
    {
        ConfigAlteration[] asked = [];
        _client.Admin.AlterConfigsAsync(Arg.Any<IEnumerable<ConfigAlteration>>(), Arg.Any<bool>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            asked = [.. call.Arg<IEnumerable<ConfigAlteration>>()];
            return [new TopicResult("", Guid.Empty, ErrorCode.None, null), new TopicResult("9", Guid.Empty, ErrorCode.InvalidRequest, "There is no broker '9'.")];
        });

        (await _environment.RunAsync("cluster", "alter", "default", "9", "--config", "log.retention.ms=7", "--delete-config", "num.replica.fetchers")).ShouldBe(ExitCode.Failed);

        asked.Select(alteration => alteration.Resource.Name).ShouldBe(["", "9"]);
        asked[0].Changes.Select(change => (change.Name, change.Operation, change.Value))
            .ShouldBe([("log.retention.ms", ConfigOperation.Set, "7"), ("num.replica.fetchers", ConfigOperation.Delete, null)]);
        _environment.Error.ShouldBe("all brokers altered\nostream: the configuration of broker 9 was not altered: There is no broker '9'.\n");
    }

    [Fact]
    public async Task Alter_RefusesWhatIsNoBroker()
    {
        (await _environment.RunAsync("cluster", "alter", "all", "--config", "a=b")).ShouldBe(ExitCode.Usage);

        _environment.Error.ShouldBe("ostream: 'all' is neither a broker id nor 'default', which stands for all brokers.\n");
    }

    [Fact]
    public async Task ElectLeaders_AsksForThePartitions_AndShowsTheOutcomes()
    {
        TopicPartition[]? asked = null;
        _client.Admin.DescribeTopicsAsync([], TestContext.Current.CancellationToken).ReturnsForAnyArgs(
            [new TopicMetadata(ErrorCode.None, "orders", Guid.Empty, false, [new PartitionMetadata(ErrorCode.None, 0, 1, 4, [1], [1], []), new PartitionMetadata(ErrorCode.None, 1, 1, 4, [2], [2], [])])]);
        _client.Admin.ElectLeadersAsync(Arg.Any<IEnumerable<TopicPartition>?>(), Arg.Any<bool>(), Arg.Any<TimeSpan?>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            asked = [.. call.Arg<IEnumerable<TopicPartition>>()];
            return [new PartitionOutcome("orders", 0, ErrorCode.ElectionNotNeeded, null), new PartitionOutcome("orders", 1, ErrorCode.None, null)];
        });

        (await _environment.RunAsync("topics", "elect-leaders", "orders")).ShouldBe(ExitCode.Success, _environment.Error);

        asked.ShouldBe([new TopicPartition("orders", 0), new TopicPartition("orders", 1)]);
        _environment.Output.ShouldBe("TOPIC   PARTITION  OUTCOME\norders  0          not needed\norders  1          elected\n");
        (await _environment.RunAsync("topics", "elect-leaders", "--unclean")).ShouldBe(ExitCode.Usage);
    }

    private static ConfigEntry Entry(string name, string value, ConfigSource source) => new(name, value, source, false, false, ConfigValueType.Long, "");
}
