using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Tests.Fakes;
using OrleansStream.Client;

namespace OrleansStream.Cli.Tests.Topics;

public sealed class TopicsCommandTests
{
    private static readonly TopicMetadata Orders = new(
        ErrorCode.None,
        "orders",
        Guid.Parse("11111111-2222-3333-4444-555555555555"),
        IsInternal: false,
        [new PartitionMetadata(ErrorCode.None, 0, 1, 4, [1], [1], [])]);

    private readonly FakeClient _client = new();
    private readonly TestEnvironment _environment;

    public TopicsCommandTests()
    {
        _environment = new TestEnvironment { Connect = _ => _client };
        _client.Admin.ListTopicsAsync(default, TestContext.Current.CancellationToken).ReturnsForAnyArgs([Orders]);
        _client.Admin.DescribeTopicsAsync([], TestContext.Current.CancellationToken).ReturnsForAnyArgs([Orders]);
        _client.Admin.DescribeReplicasAsync(null, TestContext.Current.CancellationToken).ReturnsForAnyArgs(
            [new PartitionDescription("orders", 0, 1, true, 4, 5, 105, 105, 106, 105, 2_500, null)]);
    }

    [Fact]
    public async Task List_WritesNames_OneALine()
    {
        (await _environment.RunAsync("topics", "list")).ShouldBe(ExitCode.Success);
        _environment.Output.ShouldBe("orders\n");
    }

    [Fact]
    public async Task List_WritesAnArray_WhenJsonIsWanted()
    {
        (await _environment.RunAsync("topics", "list", "--json")).ShouldBe(ExitCode.Success);
        _environment.Output.ShouldBe(
            """[{"name":"orders","topicId":"11111111-2222-3333-4444-555555555555","partitions":1,"replicationFactor":1,"internal":false}]""" + "\n");
    }

    [Fact]
    public async Task Describe_ShowsPartitionsAndChangedConfigs_ForPeople()
    {
        (await _environment.RunAsync("topics", "describe", "orders")).ShouldBe(ExitCode.Success, _environment.Error);
        _environment.Output.ShouldBe("""
            topic orders  id 11111111-2222-3333-4444-555555555555
              retention.ms=60000
            PARTITION  LEADER  EPOCH  REPLICAS  ISR  START  END  BYTES
            0          1       4      1         1    5      105  2.5 kB

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Describe_HasEveryNumber_WhenJsonIsWanted()
    {
        (await _environment.RunAsync("topics", "describe", "orders", "--json", "--all-configs")).ShouldBe(ExitCode.Success);
        _environment.Output.ShouldContain("\"configs\":{\"max.message.bytes\":\"1048588\",\"retention.ms\":\"60000\"}");
        _environment.Output.ShouldContain("\"logStartOffset\":5,\"highWatermark\":105,\"lastStableOffset\":105,\"logEndOffset\":106,\"flushedOffset\":105,\"sizeBytes\":2500");
    }

    [Fact]
    public async Task Describe_NamesTheTopic_WhenThereIsNone()
    {
        _client.Admin.DescribeTopicsAsync([], TestContext.Current.CancellationToken).ReturnsForAnyArgs(
            [new TopicMetadata(ErrorCode.UnknownTopicOrPartition, "order", Guid.Empty, false, [])]);
        (await _environment.RunAsync("topics", "describe", "order")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldBe("ostream: there is no topic 'order'; `ostream topics list` shows those that are.\n");
    }

    [Fact]
    public async Task Create_PassesEverythingOn_WhenOptionsAreGiven()
    {
        TopicSpecification? created = null;
        _client.Admin.CreateTopicsAsync(
            Arg.Do<IEnumerable<TopicSpecification>>(topics => created = topics.Single()), default, null, TestContext.Current.CancellationToken)
            .ReturnsForAnyArgs([new TopicResult("orders", Guid.Empty, ErrorCode.None, null)]);
        (await _environment.RunAsync(
            "topics", "create", "orders", "--partitions", "6", "--replication-factor", "2", "--config", "retention.ms=1", "--config", "cleanup.policy=compact"))
            .ShouldBe(ExitCode.Success, _environment.Error);

        created.ShouldNotBeNull();
        (created.Name, created.PartitionCount, created.ReplicationFactor).ShouldBe(("orders", 6, (short)2));
        created.Configs.ShouldBe(new Dictionary<string, string> { ["retention.ms"] = "1", ["cleanup.policy"] = "compact" });
        _environment.Error.ShouldBe("topic 'orders' created\n");
        _environment.Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, ExitCode.Failed)]
    [InlineData(true, ExitCode.Success)]
    public async Task Create_DependsOnTheOption_WhenTheTopicExists(bool ifNotExists, int expected)
    {
        _client.Admin.CreateTopicsAsync([], default, null, TestContext.Current.CancellationToken)
            .ReturnsForAnyArgs([new TopicResult("orders", Guid.Empty, ErrorCode.TopicAlreadyExists, "Topic 'orders' exists already.")]);
        string[] words = ["topics", "create", "orders"];
        (await _environment.RunAsync(ifNotExists ? [.. words, "--if-not-exists"] : words)).ShouldBe(expected);
        _environment.Error.ShouldContain("exists already");
    }

    [Fact]
    public async Task Alter_SendsOneAlteration_WhenConfigsAreSetAndDeleted()
    {
        ConfigAlteration? alteration = null;
        _client.Admin.AlterConfigsAsync(
            Arg.Do<IEnumerable<ConfigAlteration>>(alterations => alteration = alterations.Single()), default, TestContext.Current.CancellationToken)
            .ReturnsForAnyArgs([new TopicResult("orders", Guid.Empty, ErrorCode.None, null)]);
        (await _environment.RunAsync("topics", "alter", "orders", "--config", "retention.ms=5", "--delete-config", "segment.bytes")).ShouldBe(ExitCode.Success);

        alteration!.Changes.ShouldBe(
            [new ConfigChange("retention.ms", ConfigOperation.Set, "5"), new ConfigChange("segment.bytes", ConfigOperation.Delete, null)]);
    }

    [Fact]
    public async Task Delete_DeletesTheOthers_WhenOneIsRefused()
    {
        _client.Admin.DeleteTopicsAsync([], null, TestContext.Current.CancellationToken).ReturnsForAnyArgs(
        [
            new TopicResult("a", Guid.Empty, ErrorCode.UnknownTopicOrPartition, "There is no topic 'a'."),
            new TopicResult("b", Guid.Empty, ErrorCode.None, null),
        ]);
        (await _environment.RunAsync("topics", "delete", "a", "b")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldBe("topic 'b' deleted\nostream: topic 'a' was not deleted: There is no topic 'a'.\n");
    }
}
