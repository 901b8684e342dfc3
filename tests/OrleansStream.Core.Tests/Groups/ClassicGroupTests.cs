using OrleansStream.Core.Groups;
using OrleansStream.Core.Tests.Groups.Simulation;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Tests.Groups;

/// <summary>The classic protocol, where Kafka gives which answer.</summary>
public sealed class ClassicGroupTests
{
    private const string GroupId = "g";

    private readonly Dictionary<long, IKafkaMessage> _answers = [];
    private GroupCoordinator _coordinator = new(new GroupSettings { InitialRebalanceDelayMs = 3000, MaxSize = 3 });
    private readonly List<Core.Groups.Records.CoordinatorRecord> _log = [];
    private long _nowMs;
    private long _tickets;

    public ClassicGroupTests() => Carry(_coordinator.OnLoaded(Now));

    [Fact]
    public void Join_OfANewMember_IsToldItsId_AndWaitsForTheInitialDelay()
    {
        var refused = Joined(Join(""));
        refused.ErrorCode.ShouldBe(ErrorCode.MemberIdRequired);
        refused.MemberId.ShouldStartWith("client-");

        var join = Join(refused.MemberId);
        Answered(join).ShouldBeFalse();
        Pass(2999);
        Answered(join).ShouldBeFalse();
        Pass(1);

        var joined = Joined(join);
        joined.GenerationId.ShouldBe(1);
        joined.Leader.ShouldBe(joined.MemberId);
        joined.ProtocolName.ShouldBe("range");
        joined.Members.ShouldHaveSingleItem().MemberId.ShouldBe(joined.MemberId);
    }

    [Fact]
    public void Join_ExtendsTheInitialDelay_WhenMembersKeepComing()
    {
        var first = Join("", requiresMemberId: false);
        Pass(2000);
        var second = Join("", requiresMemberId: false);
        Pass(1000);

        Answered(first).ShouldBeFalse();
        Pass(3000);
        Joined(first).GenerationId.ShouldBe(Joined(second).GenerationId);
    }

    [Theory]
    [InlineData(5999)]
    [InlineData(1_800_001)]
    public void Join_IsRefused_WithASessionOutsideTheLimits(int sessionTimeoutMs)
        => Joined(Join("", sessionTimeoutMs: sessionTimeoutMs)).ErrorCode.ShouldBe(ErrorCode.InvalidSessionTimeout);

    [Fact]
    public void Join_IsRefused_WithAnIdThatNobodyGave()
    {
        Joined(Join("made-up")).ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);
        Stable("");
        Joined(Join("made-up")).ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Fact]
    public void Join_IsRefused_WithoutACommonProtocol()
    {
        Stable("");

        Joined(Join("", protocols: ["other"])).ErrorCode.ShouldBe(ErrorCode.InconsistentGroupProtocol);
        Joined(Join("", protocolType: "connect")).ErrorCode.ShouldBe(ErrorCode.InconsistentGroupProtocol);
        Joined(Join("", protocols: ["other", "range"])).ErrorCode.ShouldBe(ErrorCode.MemberIdRequired);
    }

    [Fact]
    public void Join_IsRefused_WhenTheGroupIsFull()
    {
        Stable("", "", "");

        Joined(Join("", requiresMemberId: false)).ErrorCode.ShouldBe(ErrorCode.GroupMaxSizeReached);
    }

    [Fact]
    public void SelectedProtocol_IsTheOneThatMostPrefer()
    {
        var joins = new[] { Join("", requiresMemberId: false, protocols: ["a", "b"]), Join("", requiresMemberId: false, protocols: ["b", "a"]), Join("", requiresMemberId: false, protocols: ["c", "b", "a"]) };
        PassUntilAnswered(joins);

        joins.Select(join => Joined(join).ProtocolName).ShouldAllBe(name => name == "b");
    }

    [Fact]
    public void Sync_AnswersFollowers_WhenTheLeaderHasAssigned()
    {
        var joins = new[] { Join("", requiresMemberId: false), Join("", requiresMemberId: false) };
        PassUntilAnswered(joins);
        var leader = joins.Select(Joined).Single(joined => joined.Members.Count > 0);
        var follower = joins.Select(Joined).Single(joined => joined.Members.Count == 0);

        var waiting = Sync(follower);
        Answered(waiting).ShouldBeFalse();
        var own = Sync(leader, (leader.MemberId, 1), (follower.MemberId, 2));

        Synced(own).Assignment.ToArray().ShouldBe([1]);
        Synced(waiting).Assignment.ToArray().ShouldBe([2]);
        Synced(Sync(follower)).Assignment.ToArray().ShouldBe([2]);
    }

    [Fact]
    public void Sync_IsRefused_ForAnotherGenerationMemberOrProtocol()
    {
        var member = Stable("")[0];

        Synced(Sync(member, generation: 7)).ErrorCode.ShouldBe(ErrorCode.IllegalGeneration);
        Synced(Sync(member, memberId: "other")).ErrorCode.ShouldBe(ErrorCode.UnknownMemberId);
        Synced(Sync(member, protocol: "other")).ErrorCode.ShouldBe(ErrorCode.InconsistentGroupProtocol);
    }

    [Fact]
    public void Heartbeat_TellsOfARebalance_OfAWrongGeneration_AndOfAnUnknownMember()
    {
        var member = Stable("")[0];
        Heartbeat(member).ShouldBe(ErrorCode.None);
        Heartbeat(member, generation: 9).ShouldBe(ErrorCode.IllegalGeneration);
        Heartbeat(member, memberId: "other").ShouldBe(ErrorCode.UnknownMemberId);

        Join("", requiresMemberId: false);

        Heartbeat(member).ShouldBe(ErrorCode.RebalanceInProgress);
    }

    [Fact]
    public void Member_IsRemoved_WhenItsSessionIsOver()
    {
        var members = Stable("", "");
        Pass(5000);
        Heartbeat(members[0]).ShouldBe(ErrorCode.None);
        Pass(3000);

        Heartbeat(members[1]).ShouldBe(ErrorCode.UnknownMemberId);
        Heartbeat(members[0]).ShouldBe(ErrorCode.RebalanceInProgress);
    }

    [Fact]
    public void Member_IsRemoved_WhenItDoesNotJoinAgainInTime()
    {
        var members = Stable("", "");
        var rejoin = Join(members[0].MemberId, protocols: ["range", "more"]);
        for (var i = 0; i < 20; i++)
        {
            Heartbeat(members[1]);
            Pass(1000);
        }

        Joined(rejoin).Members.ShouldHaveSingleItem();
        Heartbeat(members[1]).ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Fact]
    public void Member_IsRemoved_WhenItNeverSyncs()
    {
        var joins = new[] { Join("", requiresMemberId: false), Join("", requiresMemberId: false) };
        PassUntilAnswered(joins);
        var leader = joins.Select(Joined).Single(joined => joined.Members.Count > 0);
        var follower = joins.Select(Joined).Single(joined => joined.Members.Count == 0);
        Sync(leader, (leader.MemberId, 1));
        for (var i = 0; i < 11; i++)
        {
            Heartbeat(leader);
            Heartbeat(follower);
            Pass(1000);
        }

        Heartbeat(follower).ShouldBe(ErrorCode.UnknownMemberId);
        Heartbeat(leader).ShouldBe(ErrorCode.RebalanceInProgress);
    }

    [Fact]
    public void Session_IsNotOver_WhenOnlyTheWallClockJumps()
    {
        var member = Stable("")[0];

        Carry(_coordinator.Tick(new CoordinatorTime(_nowMs + 3_600_000, _nowMs)));

        Heartbeat(member).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void StaticMember_TakesItsPlaceAgain_WithoutARebalance_AndItsPredecessorIsFenced()
    {
        var join = Join("", instanceId: "one");
        Pass(3000);
        var first = Joined(join);
        Sync(first, instanceId: "one", assignments: [(first.MemberId, 4)]);

        var again = Joined(Join("", instanceId: "one"));

        again.GenerationId.ShouldBe(first.GenerationId);
        again.MemberId.ShouldNotBe(first.MemberId);
        again.SkipAssignment.ShouldBeTrue();
        Synced(Sync(again, instanceId: "one")).Assignment.ToArray().ShouldBe([4]);
        Heartbeat(first, instanceId: "one").ShouldBe(ErrorCode.FencedInstanceId);
        Heartbeat(again, instanceId: "one").ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void Leave_OfSeveralMembers_TellsWhoWasThere()
    {
        var members = Stable("", "");

        var response = (LeaveGroupResponse)_answers[Run((coordinator, ticket) => coordinator.Leave(
            ticket,
            new LeaveGroupRequest { GroupId = GroupId, Members = [new() { MemberId = members[0].MemberId }, new() { MemberId = "other" }, new() { MemberId = "", GroupInstanceId = "nobody" }] },
            Now))];

        response.Members.Select(member => member.ErrorCode).ShouldBe([ErrorCode.None, ErrorCode.UnknownMemberId, ErrorCode.UnknownMemberId]);
        Heartbeat(members[1]).ShouldBe(ErrorCode.RebalanceInProgress);
    }

    [Fact]
    public void Commit_IsTakenFromTheGeneration_AndFromOutsideAnEmptyGroup()
    {
        Commit("", -1, 5).ShouldBe(ErrorCode.None);
        var member = Stable("")[0];

        Commit("", -1, 6).ShouldBe(ErrorCode.UnknownMemberId);
        Commit(member.MemberId, member.GenerationId + 1, 7).ShouldBe(ErrorCode.IllegalGeneration);
        Commit("other", member.GenerationId, 8).ShouldBe(ErrorCode.UnknownMemberId);
        Commit(member.MemberId, member.GenerationId, 9).ShouldBe(ErrorCode.None);
        Fetch().ShouldBe(9);
        Join(member.MemberId, protocols: ["range", "more"]);
        Commit(member.MemberId, member.GenerationId, 10).ShouldBe(ErrorCode.IllegalGeneration, "the leader alone has formed the next generation");
        Commit(member.MemberId, member.GenerationId + 1, 10).ShouldBe(ErrorCode.RebalanceInProgress);
    }

    [Fact]
    public void Commit_OfAMember_IsRefused_WhenThereIsNoSuchGroup() => Commit("m", 3, 1).ShouldBe(ErrorCode.GroupIdNotFound);

    [Fact]
    public void Offsets_Expire_WhenTheGroupHasBeenEmptyForTheRetention()
    {
        Commit("", -1, 5);
        var week = TimeSpan.FromDays(7).TotalMilliseconds;
        Pass((long)week - 1);
        Fetch().ShouldBe(5);

        Pass(600_000);

        Fetch().ShouldBe(-1);
        _coordinator.GroupCount.ShouldBe(0);
    }

    [Fact]
    public void Load_OfTheLog_GivesTheSameGroup()
    {
        var members = Stable("", "");
        Commit(members[0].MemberId, members[0].GenerationId, 11);

        Reload();

        Fetch().ShouldBe(11);
        foreach (var member in members)
        {
            Heartbeat(member).ShouldBe(ErrorCode.None);
        }

        Pass(6001);
        Heartbeat(members[0]).ShouldBe(ErrorCode.UnknownMemberId);
    }

    [Fact]
    public void Group_IsFormed_WhenAMemberSaysWhatNobodyUnderstands()
    {
        var join = Run((coordinator, ticket) => coordinator.Join(ticket, JoinRequest("", metadata: [0, 0, 0, 9]), Context(requiresMemberId: false), Now));
        Pass(3000);

        Joined(join).ErrorCode.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void Unload_AnswersWhoWaits()
    {
        var join = Join("", requiresMemberId: false);

        Carry(_coordinator.Unload());

        Joined(join).ErrorCode.ShouldBe(ErrorCode.NotCoordinator);
    }

    [Fact]
    public void Delete_RefusesAGroupWithMembers_AndTakesTheOffsetsOfAnEmptyOne()
    {
        var member = Stable("")[0];
        Commit(member.MemberId, member.GenerationId, 3);
        Delete().ShouldBe(ErrorCode.NonEmptyGroup);
        Run((coordinator, ticket) => coordinator.Leave(ticket, new LeaveGroupRequest { GroupId = GroupId, Members = [new() { MemberId = member.MemberId }] }, Now));

        Delete().ShouldBe(ErrorCode.None);

        Fetch().ShouldBe(-1);
        Delete().ShouldBe(ErrorCode.GroupIdNotFound);
        Reload();
        _coordinator.GroupCount.ShouldBe(0);
    }

    private CoordinatorTime Now => new(_nowMs, _nowMs);

    private static JoinContext Context(bool requiresMemberId = true) => new("client", "/host", Guid.NewGuid(), requiresMemberId);

    private static JoinGroupRequest JoinRequest(
        string memberId, string? instanceId = null, int sessionTimeoutMs = 6000, string protocolType = "consumer", string[]? protocols = null, byte[]? metadata = null) => new()
        {
            GroupId = GroupId,
            MemberId = memberId,
            GroupInstanceId = instanceId,
            SessionTimeoutMs = sessionTimeoutMs,
            RebalanceTimeoutMs = 10_000,
            ProtocolType = protocolType,
            Protocols = [.. (protocols ?? ["range"]).Select(name => new JoinGroupRequest.JoinGroupRequestProtocol { Name = name, Metadata = metadata ?? EmbeddedProtocol.Subscription("t") })],
        };

    private long Join(
        string memberId, bool requiresMemberId = true, string? instanceId = null, int sessionTimeoutMs = 6000, string protocolType = "consumer", string[]? protocols = null)
        => Run((coordinator, ticket) => coordinator.Join(
            ticket, JoinRequest(memberId, instanceId, sessionTimeoutMs, protocolType, protocols), Context(requiresMemberId), Now));

    private long Sync(JoinGroupResponse joined, params (string MemberId, byte Assignment)[] assignments) => Sync(joined, null, null, null, null, assignments);

    private long Sync(
        JoinGroupResponse joined, string? memberId = null, int? generation = null, string? protocol = null, string? instanceId = null, (string MemberId, byte Assignment)[]? assignments = null)
        => Run((coordinator, ticket) => coordinator.Sync(
            ticket,
            new SyncGroupRequest
            {
                GroupId = GroupId,
                MemberId = memberId ?? joined.MemberId,
                GroupInstanceId = instanceId,
                GenerationId = generation ?? joined.GenerationId,
                ProtocolType = "consumer",
                ProtocolName = protocol ?? joined.ProtocolName,
                Assignments = [.. (assignments ?? []).Select(each => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = each.MemberId, Assignment = new[] { each.Assignment } })],
            },
            Now));

    private ErrorCode Heartbeat(JoinGroupResponse member, string? memberId = null, int? generation = null, string? instanceId = null)
        => ((HeartbeatResponse)_answers[Run((coordinator, ticket) => coordinator.Heartbeat(
            ticket,
            new HeartbeatRequest { GroupId = GroupId, MemberId = memberId ?? member.MemberId, GenerationId = generation ?? member.GenerationId, GroupInstanceId = instanceId },
            Now))]).ErrorCode;

    private ErrorCode Commit(string memberId, int generation, long offset)
    {
        var error = ErrorCode.None;
        Run((coordinator, ticket) => coordinator.CommitOffsets(
            ticket,
            new OffsetCommitRequest
            {
                GroupId = GroupId,
                MemberId = memberId,
                GenerationIdOrMemberEpoch = generation,
                Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset }] }],
            },
            Now,
            out error));
        return error;
    }

    private long Fetch()
        => ((OffsetFetchResponse)_answers[Run((coordinator, ticket) => coordinator.FetchOffsets(
            ticket, new OffsetFetchRequest.OffsetFetchRequestGroup { GroupId = GroupId, Topics = [new() { Name = "t", PartitionIndexes = [0] }] }))])
            .Groups[0].Topics[0].Partitions[0].CommittedOffset;

    private ErrorCode Delete() => ((DeleteGroupsResponse)_answers[Run((coordinator, ticket) => coordinator.Delete(ticket, [GroupId]))]).Results[0].ErrorCode;

    /// <summary>A stable group of as many members as there are arguments.</summary>
    private List<JoinGroupResponse> Stable(params string[] memberIds)
    {
        var joins = memberIds.Select(memberId => Join(memberId, requiresMemberId: false)).ToList();
        PassUntilAnswered(joins);
        var joined = joins.ConvertAll(Joined);
        foreach (var member in joined.OrderBy(member => member.Members.Count))
        {
            Sync(member, [.. joined.Select((each, index) => (each.MemberId, (byte)index))]);
        }

        return joined;
    }

    private JoinGroupResponse Joined(long ticket) => (JoinGroupResponse)_answers[ticket];

    private SyncGroupResponse Synced(long ticket) => (SyncGroupResponse)_answers[ticket];

    private bool Answered(long ticket) => _answers.ContainsKey(ticket);

    private long Run(Func<GroupCoordinator, long, GroupEffects> command)
    {
        var ticket = ++_tickets;
        Carry(command(_coordinator, ticket));
        return ticket;
    }

    /// <summary>Lets time pass, doing what is due when it is.</summary>
    private void Pass(long milliseconds)
    {
        var end = _nowMs + milliseconds;
        while (_coordinator.NextDeadlineMs is { } due && due <= end)
        {
            _nowMs = Math.Max(_nowMs, due);
            Carry(_coordinator.Tick(Now));
        }

        _nowMs = end;
    }

    /// <summary>Lets the initial delay pass, but no session.</summary>
    private void PassUntilAnswered(IReadOnlyCollection<long> tickets)
    {
        while (!tickets.All(Answered))
        {
            Pass(500);
        }
    }

    private void Reload()
    {
        _coordinator = new GroupCoordinator(new GroupSettings());
        foreach (var record in _log)
        {
            _coordinator.Replay(record);
        }

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
}
