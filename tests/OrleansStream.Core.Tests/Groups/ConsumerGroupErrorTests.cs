using OrleansStream.Core.Groups;
using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Tests.Groups;

/// <summary>The consumer protocol (KIP-848): where Kafka gives which error, one by one.</summary>
public sealed class ConsumerGroupErrorTests
{
    private const string GroupId = "g";
    private const string Topic = "orders";
    private const int AwayEpoch = -2;
    private const int LeftEpoch = -1;

    private static readonly Guid TopicId = Guid.Parse("5f5b2f0e-6f3f-4cf6-9a36-3c34e5ad55a1");
    private static readonly GroupSettings Settings = new() { ConsumerMaxSize = 2, ConsumerSessionTimeoutMs = 10_000 };

    private readonly List<CoordinatorRecord> _log = [];
    private readonly Dictionary<long, IKafkaMessage> _answers = [];
    private GroupCoordinator _coordinator = new(Settings);
    private long _nowMs;
    private long _tickets;

    public ConsumerGroupErrorTests()
    {
        _coordinator.SetTopics(new OneTopic());
        Carry(_coordinator.OnLoaded(Now));
    }

    public static TheoryData<string, ConsumerGroupHeartbeatRequest> Malformed => new()
    {
        { "GroupId", new() { GroupId = "", MemberId = "a", RebalanceTimeoutMs = 1000, SubscribedTopicNames = [Topic], TopicPartitions = [] } },
        { "InstanceId", new() { GroupId = GroupId, MemberId = "a", InstanceId = "", RebalanceTimeoutMs = 1000, SubscribedTopicNames = [Topic], TopicPartitions = [] } },
        { "RackId", new() { GroupId = GroupId, MemberId = "a", RackId = "", RebalanceTimeoutMs = 1000, SubscribedTopicNames = [Topic], TopicPartitions = [] } },
        { "MemberEpoch", new() { GroupId = GroupId, MemberId = "a", MemberEpoch = -3 } },
        { "MemberId", new() { GroupId = GroupId, MemberId = "", MemberEpoch = 1 } },
        { "MemberId", new() { GroupId = GroupId, MemberId = "", MemberEpoch = LeftEpoch } },
        { "InstanceId", new() { GroupId = GroupId, MemberId = "a", MemberEpoch = AwayEpoch } },
        { "RebalanceTimeoutMs", new() { GroupId = GroupId, MemberId = "a", SubscribedTopicNames = [Topic], TopicPartitions = [] } },
        { "TopicPartitions", new() { GroupId = GroupId, MemberId = "a", RebalanceTimeoutMs = 1000, SubscribedTopicNames = [Topic], TopicPartitions = [new() { TopicId = TopicId, Partitions = [0] }] } },
        { "TopicPartitions", new() { GroupId = GroupId, MemberId = "a", RebalanceTimeoutMs = 1000, SubscribedTopicNames = [Topic] } },
        { "SubscribedTopicNames", new() { GroupId = GroupId, MemberId = "a", RebalanceTimeoutMs = 1000, TopicPartitions = [] } },
    };

    private CoordinatorTime Now => new(1_700_000_000_000 + _nowMs, _nowMs);

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Heartbeat_IsInvalid_WhenAFieldIsMissingOrWrong(string field, ConsumerGroupHeartbeatRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = Beat(request);

        response.ErrorCode.ShouldBe(ErrorCode.InvalidRequest);
        response.ErrorMessage.ShouldNotBeNull().ShouldContain(field);
        _log.ShouldBeEmpty();
    }

    [Fact]
    public void Join_IsRefused_WithAnAssignorThatTheBrokerDoesNotHave()
    {
        var response = Beat(JoinRequest("a", assignor: "best-effort"));

        response.ErrorCode.ShouldBe(ErrorCode.UnsupportedAssignor);
        response.ErrorMessage.ShouldNotBeNull().ShouldContain("uniform, range");
    }

    [Fact]
    public void Join_IsRefused_WithAPatternThatIsNone()
        => Beat(JoinRequest("a", pattern: "(")).ErrorCode.ShouldBe(ErrorCode.InvalidRegularExpression);

    [Fact]
    public void Join_IsRefused_WhenTheGroupIsFull_AndMembersGoOn()
    {
        Join("a");
        Join("b");

        Beat(JoinRequest("c")).ErrorCode.ShouldBe(ErrorCode.GroupMaxSizeReached);

        Beat(JoinRequest("a")).ErrorCode.ShouldBe(ErrorCode.None, "a member that joins again is in already");
        Leave("b").ErrorCode.ShouldBe(ErrorCode.None);
        Beat(JoinRequest("c")).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void Heartbeat_OfAGroupThatIsNotThere_IsToldSo()
    {
        Beat(Alive("a", 1)).ErrorCode.ShouldBe(ErrorCode.GroupIdNotFound);
        Leave("a").ErrorCode.ShouldBe(ErrorCode.GroupIdNotFound);
    }

    [Fact]
    public void Heartbeat_OfAnUnknownMember_IsToldSo_AndOneWhoseSessionIsOverIsUnknown()
    {
        var joined = Join("a");
        Beat(Alive("b", 1)).ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);
        Leave("b").ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);
        Beat(Alive("b", 1, instanceId: "nobody")).ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);

        Join("c");
        Pass(9_999);
        Beat(Alive("c", 2)).ErrorCode.ShouldBe(ErrorCode.None);
        Pass(1);

        Beat(Alive("a", joined.MemberEpoch)).ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Fact]
    public void Heartbeat_OfAnotherEpoch_IsFenced_ExceptTheLastOneWithoutMorePartitions()
    {
        var first = Join("a");
        Beat(Alive("a", first.MemberEpoch + 1)).ErrorCode.ShouldBe(ErrorCode.FencedMemberEpoch, "the future");

        // With a second member the first has to give partitions back, and goes on to the next epoch when it has.
        Join("b");
        var revoking = Beat(Alive("a", first.MemberEpoch, owned: [0, 1, 2, 3]));
        var kept = revoking.Assignment.ShouldNotBeNull().TopicPartitions.ShouldHaveSingleItem().Partitions;
        var next = Beat(Alive("a", first.MemberEpoch, owned: [.. kept]));
        next.MemberEpoch.ShouldBe(first.MemberEpoch + 1);

        Beat(Alive("a", first.MemberEpoch, owned: [.. kept])).ErrorCode.ShouldBe(ErrorCode.None, "the answer with the new epoch was lost");
        Beat(Alive("a", first.MemberEpoch, owned: [0, 1, 2, 3])).ErrorCode.ShouldBe(ErrorCode.FencedMemberEpoch, "it owns what was taken away");
        Beat(Alive("a", first.MemberEpoch)).ErrorCode.ShouldBe(ErrorCode.FencedMemberEpoch, "nobody knows what it owns");
    }

    [Fact]
    public void StaticMember_IsNotReplaced_WhileItIsThere()
    {
        Join("a", instanceId: "one");

        var response = Beat(JoinRequest("b", instanceId: "one"));

        response.ErrorCode.ShouldBe(ErrorCode.UnreleasedInstanceId);
        response.ErrorMessage.ShouldNotBeNull().ShouldContain("one");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StaticMember_IsReplacedWithItsPartitions_WhenItWentAway(bool afterReload)
    {
        var before = Join("a", instanceId: "one");
        Beat(Alive("a", AwayEpoch, instanceId: "one")).MemberEpoch.ShouldBe(AwayEpoch);
        if (afterReload)
        {
            Reload();
        }

        var after = Beat(JoinRequest("b", instanceId: "one"));

        after.ErrorCode.ShouldBe(ErrorCode.None);
        after.MemberEpoch.ShouldBe(before.MemberEpoch, "nothing has to be assigned anew");
        after.Assignment.ShouldNotBeNull().TopicPartitions.ShouldHaveSingleItem().Partitions.ShouldBe([0, 1, 2, 3]);
        Beat(Alive("a", before.MemberEpoch, instanceId: "one")).ErrorCode.ShouldBe(ErrorCode.FencedInstanceId);
        Beat(Alive("a", LeftEpoch, instanceId: "one")).ErrorCode.ShouldBe(ErrorCode.FencedInstanceId);
        Beat(Alive("a", before.MemberEpoch)).ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Fact]
    public void StaticMember_ThatStaysAway_LosesItsPlaceWithItsSession()
    {
        Join("a", instanceId: "one");
        Beat(Alive("a", AwayEpoch, instanceId: "one"));

        Pass(10_000);

        Join("b", instanceId: "one").MemberEpoch.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void Commit_IsTaken_WithTheMembersOwnEpochOnly()
    {
        var joined = Join("a");

        Commit("a", joined.MemberEpoch).ShouldBe(ErrorCode.None);
        Commit("a", joined.MemberEpoch - 1).ShouldBe(ErrorCode.StaleMemberEpoch);
        Commit("a", joined.MemberEpoch + 1).ShouldBe(ErrorCode.StaleMemberEpoch);
        Commit("b", joined.MemberEpoch).ShouldBe(ErrorCode.UnknownMemberId);
        Commit("", -1).ShouldBe(ErrorCode.UnknownMemberId, "a tool cannot commit while there are members");
        Leave("a");
        Commit("", -1).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void Fetch_IsAnswered_WithTheMembersOwnEpochOnly_OrWithoutAny()
    {
        var joined = Join("a");
        Commit("a", joined.MemberEpoch);

        Fetch("a", joined.MemberEpoch).ShouldBe(ErrorCode.None);
        Fetch("a", joined.MemberEpoch + 1).ShouldBe(ErrorCode.StaleMemberEpoch);
        Fetch("b", joined.MemberEpoch).ShouldBe(ErrorCode.UnknownMemberId);
        Fetch(null, -1).ShouldBe(ErrorCode.None, "a tool may look");
    }

    [Fact]
    public void ClassicMember_IsRefused_WhereItsProtocolsAreNotTheConsumers()
    {
        Join("a");

        var ticket = ++_tickets;
        Carry(_coordinator.Join(
            ticket,
            new JoinGroupRequest { GroupId = GroupId, SessionTimeoutMs = 10_000, RebalanceTimeoutMs = 10_000, ProtocolType = "connect", Protocols = [new() { Name = "x" }] },
            new JoinContext("client", "/host", Guid.NewGuid()),
            Now));

        ((JoinGroupResponse)_answers[ticket]).ErrorCode.ShouldBe(ErrorCode.InconsistentGroupProtocol);
    }

    private static ConsumerGroupHeartbeatRequest JoinRequest(string memberId, string? instanceId = null, string? assignor = null, string? pattern = null) => new()
    {
        GroupId = GroupId,
        MemberId = memberId,
        InstanceId = instanceId,
        RebalanceTimeoutMs = 5_000,
        SubscribedTopicNames = [Topic],
        SubscribedTopicRegex = pattern,
        ServerAssignor = assignor,
        TopicPartitions = [],
    };

    private static ConsumerGroupHeartbeatRequest Alive(string memberId, int epoch, string? instanceId = null, int[]? owned = null) => new()
    {
        GroupId = GroupId,
        MemberId = memberId,
        MemberEpoch = epoch,
        InstanceId = instanceId,
        TopicPartitions = owned is null ? null : [new() { TopicId = TopicId, Partitions = [.. owned] }],
    };

    private ConsumerGroupHeartbeatResponse Beat(ConsumerGroupHeartbeatRequest request)
    {
        var ticket = ++_tickets;
        Carry(_coordinator.ConsumerHeartbeat(ticket, request, new JoinContext("client", "/host", Guid.NewGuid()), Now));
        return (ConsumerGroupHeartbeatResponse)_answers[ticket];
    }

    private ConsumerGroupHeartbeatResponse Join(string memberId, string? instanceId = null)
    {
        var response = Beat(JoinRequest(memberId, instanceId));
        response.ErrorCode.ShouldBe(ErrorCode.None, response.ErrorMessage);
        return response;
    }

    private ConsumerGroupHeartbeatResponse Leave(string memberId) => Beat(Alive(memberId, LeftEpoch));

    private ErrorCode Commit(string memberId, int epoch)
    {
        var ticket = ++_tickets;
        Carry(_coordinator.CommitOffsets(
            ticket,
            new OffsetCommitRequest
            {
                GroupId = GroupId,
                MemberId = memberId,
                GenerationIdOrMemberEpoch = epoch,
                Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, CommittedOffset = 5 }] }],
            },
            Now,
            out var error));
        return error;
    }

    private ErrorCode Fetch(string? memberId, int epoch)
    {
        var ticket = ++_tickets;
        Carry(_coordinator.FetchOffsets(
            ticket,
            new OffsetFetchRequest.OffsetFetchRequestGroup
            {
                GroupId = GroupId,
                MemberId = memberId,
                MemberEpoch = epoch,
                Topics = [new() { Name = Topic, PartitionIndexes = [0] }],
            }));
        return ((OffsetFetchResponse)_answers[ticket]).Groups.ShouldHaveSingleItem().ErrorCode;
    }

    private void Pass(long milliseconds)
    {
        _nowMs += milliseconds;
        Carry(_coordinator.Tick(Now));
    }

    private void Reload()
    {
        _coordinator = new GroupCoordinator(Settings);
        foreach (var record in _log)
        {
            _coordinator.Replay(record);
        }

        _coordinator.SetTopics(new OneTopic());
        Carry(_coordinator.OnLoaded(Now));
    }

    private void Carry(GroupEffects effects)
    {
        _log.AddRange(effects.Records);
        foreach (var (ticket, response, _) in effects.Answers)
        {
            _answers.Add(ticket, response);
        }
    }

    private sealed class OneTopic : IGroupTopics
    {
        public IEnumerable<string> Names => [Topic];

        public GroupTopic? Find(string name) => name == Topic ? new GroupTopic(TopicId, 4) : null;
    }
}
