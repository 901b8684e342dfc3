using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Tests.Fakes;
using OrleansStream.Client;

namespace OrleansStream.Cli.Tests.Groups;

public sealed class GroupsCommandTests
{
    private readonly FakeClient _client = new();
    private readonly TestEnvironment _environment;
    private readonly Dictionary<TopicPartition, CommittedOffset> _committed = new() { [new("t", 0)] = new(40), [new("t", 1)] = new(7) };
    private readonly List<IReadOnlyDictionary<TopicPartition, CommittedOffset>> _stored = [];
    private GroupInfo _group = new() { GroupId = "g", Type = "classic", State = "Empty", CoordinatorId = 1 };

    public GroupsCommandTests()
    {
        _environment = new TestEnvironment { Connect = _ => _client };
        var admin = _client.Admin;
        admin.ListGroupsAsync(null, null, TestContext.Current.CancellationToken).ReturnsForAnyArgs(_ => [new GroupOverview("g", "classic", _group.State, "consumer"), new GroupOverview("h", "consumer", "Stable", "consumer")]);
        admin.DescribeGroupsAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(_ => [_group]);
        admin.ListGroupOffsetsAsync(null!, null, default, default).ReturnsForAnyArgs(_ => _committed);
        admin.AlterGroupOffsetsAsync(null!, null!, default).ReturnsForAnyArgs(call =>
        {
            var offsets = call.Arg<IReadOnlyDictionary<TopicPartition, CommittedOffset>>();
            _stored.Add(offsets);
            return offsets.Keys.ToDictionary(partition => partition, _ => ErrorCode.None);
        });
        admin.DescribeTopicsAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(call => (IReadOnlyList<TopicMetadata>)[.. call.Arg<IEnumerable<string>>().Select(topic => topic == "t"
            ? new TopicMetadata(ErrorCode.None, "t", Guid.Empty, false, [Partition(0), Partition(1)])
            : new TopicMetadata(ErrorCode.UnknownTopicOrPartition, topic, Guid.Empty, false, []))]);
        admin.ListOffsetsAsync(null!, default, default).ReturnsForAnyArgs(call => call.Arg<IEnumerable<TopicPartitionOffset>>().ToDictionary(
            place => place.TopicPartition,
            place => new ListOffsetResponse(
                ErrorCode.None,
                place.Offset == OffsetSpec.Earliest ? 5 : place.Offset == OffsetSpec.Latest ? 100 : place.TopicPartition.Partition == 0 ? 60 : -1,
                -1,
                0)));
    }

    [Fact]
    public async Task List_WritesNames_OrStates()
    {
        (await _environment.RunAsync("groups", "list")).ShouldBe(ExitCode.Success);
        (await _environment.RunAsync("groups", "list", "--states")).ShouldBe(ExitCode.Success);
        (await _environment.RunAsync("groups", "list", "--json")).ShouldBe(ExitCode.Success);
        _environment.Output.ShouldBe("""
            g
            h
            GROUP  TYPE      STATE
            g      classic   Empty
            h      consumer  Stable
            [{"group":"g","type":"classic","state":"Empty","protocolType":"consumer"},{"group":"h","type":"consumer","state":"Stable","protocolType":"consumer"}]

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task List_RefusesAStateThatThereIsNot()
    {
        (await _environment.RunAsync("groups", "list", "--state", "stable")).ShouldBe(ExitCode.Success);
        (await _environment.RunAsync("groups", "list", "--state", "Empty", "--state", "foo")).ShouldBe(ExitCode.Usage);
        _environment.Error.ShouldContain("--state is 'foo'; it must be one of Empty,");
    }

    [Fact]
    public async Task Describe_ShowsClaimsAndLag_ForPeopleAndPrograms()
    {
        _group = _group with
        {
            State = "Stable",
            Assignor = "range",
            GenerationId = 3,
            Members = [new GroupMemberInfo("m-1", null, "app", "/host", [new TopicPartition("t", 1), new TopicPartition("u", 0)])],
        };
        (await _environment.RunAsync("groups", "describe", "g")).ShouldBe(ExitCode.Success, _environment.Error);
        _environment.Output.ShouldBe("""
            group g  classic  Stable  range  generation 3  coordinator 1  lag 153
            TOPIC  PARTITION  COMMITTED  END  LAG  MEMBER
            t      0          40         100  60   -
            t      1          7          100  93   m-1
            u      0          -          100  -    m-1
            MEMBER  INSTANCE  CLIENT  HOST   CLAIMS
            m-1     -         app     /host  2

            """.ReplaceLineEndings("\n"));
        (await _environment.RunAsync("groups", "describe", "g", "--json")).ShouldBe(ExitCode.Success);
        _environment.Output.ShouldContain("""{"topic":"t","partition":1,"committedOffset":7,"endOffset":100,"lag":93,"memberId":"m-1"},{"topic":"u","partition":0,"committedOffset":null,"endOffset":100,"lag":null,"memberId":"m-1"}""");
    }

    [Fact]
    public async Task Describe_NamesTheGroup_WhenThereIsNone()
    {
        _group = new GroupInfo { GroupId = "x", Error = ErrorCode.GroupIdNotFound };
        (await _environment.RunAsync("groups", "describe", "x")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldBe("ostream: there is no group 'x'; `ostream groups list` shows those that are.\n");
    }

    [Fact]
    public async Task Reset_StoresNothing_UnlessExecuteIsGiven()
    {
        (await _environment.RunAsync("groups", "reset-offsets", "g", "--to-earliest")).ShouldBe(ExitCode.Success, _environment.Error);
        _environment.Output.ShouldBe("""
            TOPIC  PARTITION  CURRENT  NEW
            t      0          40       5
            t      1          7        5

            """.ReplaceLineEndings("\n"));
        _environment.Error.ShouldBe("dry run: nothing was stored; --execute stores it\n");
        _stored.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--to-earliest", 5, 5)]
    [InlineData("--to-latest", 100, 100)]
    [InlineData("--to-timestamp 1700000000000", 60, 100)]
    [InlineData("--to-offset 50", 50, 50)]
    [InlineData("--shift-by -10", 30, 5)]
    [InlineData("--shift-by 70", 100, 77)]
    public async Task Reset_StoresWhatTheLogsHave_WithExecute(string where, long first, long second)
    {
        (await _environment.RunAsync(["groups", "reset-offsets", "g", "--topic", "t", .. where.Split(' '), "--execute"])).ShouldBe(ExitCode.Success, _environment.Error);
        var stored = _stored.ShouldHaveSingleItem();
        stored[new TopicPartition("t", 0)].Offset.ShouldBe(first);
        stored[new TopicPartition("t", 1)].Offset.ShouldBe(second);
    }

    [Fact]
    public async Task Reset_TakesOffsetsFromAFile()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "# comment\nt, 1, 33\n\n", TestContext.Current.CancellationToken);
            (await _environment.RunAsync("groups", "reset-offsets", "new", "--from-file", file, "--execute", "--json")).ShouldBe(ExitCode.Success, _environment.Error);
            _environment.Output.ShouldBe("""{"group":"new","executed":true,"offsets":[{"topic":"t","partition":1,"currentOffset":7,"newOffset":33}]}""" + "\n");
            await File.WriteAllTextAsync(file, "t,one,33\n", TestContext.Current.CancellationToken);
            (await _environment.RunAsync("groups", "reset-offsets", "new", "--from-file", file)).ShouldBe(ExitCode.Usage);
            _environment.Error.ShouldContain("line 1 of");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--topic t:2", "has no partition 2; it has 2, numbered from 0")]
    [InlineData("--topic nope", "there is no topic 'nope'")]
    public async Task Reset_NamesWhatIsNotThere(string topic, string expected)
    {
        (await _environment.RunAsync(["groups", "reset-offsets", "g", .. topic.Split(' '), "--to-latest"])).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldContain(expected);
    }

    [Fact]
    public async Task Reset_IsRefused_WhileTheGroupHasMembers()
    {
        _group = _group with { Members = [new GroupMemberInfo("m", null, "c", "h", [])] };
        (await _environment.RunAsync("groups", "reset-offsets", "g", "--to-latest", "--execute")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldContain("has 1 member; stop them");
        _stored.ShouldBeEmpty();
    }

    [Fact]
    public async Task Delete_DeletesTheOthers_WhenOneIsRefused()
    {
        _client.Admin.DeleteGroupsAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs([new GroupResult("a", ErrorCode.NonEmptyGroup), new GroupResult("b", ErrorCode.None)]);
        (await _environment.RunAsync("groups", "delete", "a", "b")).ShouldBe(ExitCode.Failed);
        _environment.Error.ShouldBe("group 'b' deleted\nostream: group 'a' was not deleted: it has members; stop them first.\n");
    }

    private static PartitionMetadata Partition(int partition) => new(ErrorCode.None, partition, 1, 0, [1], [1], []);
}
