using OrleansStream.Core.Groups;
using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Tests.Groups;

/// <summary>How offsets and the groups that have only offsets come to their end (KIP-211).</summary>
public sealed class OffsetExpiryTests
{
    private const int CheckMs = 600_000;
    private const int SessionMs = 45_000;
    private const long RetentionMs = 7L * 24 * 3600 * 1000;

    private readonly GroupCoordinator _coordinator = new(new GroupSettings { OffsetsRetentionCheckIntervalMs = CheckMs, OffsetsRetentionMs = RetentionMs });
    private readonly List<CoordinatorRecord> _log = [];
    private long _nowMs;

    public OffsetExpiryTests() => Carry(_coordinator.OnLoaded(Now));

    private CoordinatorTime Now => new(1_700_000_000_000 + _nowMs, _nowMs);

    [Fact]
    public void Offsets_AndTheirGroup_AreGone_WhenTheRetentionIsOver()
    {
        Commit("g", retentionMs: -1);
        PassTo(RetentionMs - CheckMs);
        _coordinator.GroupCount.ShouldBe(1);

        PassTo(RetentionMs + CheckMs);
        _coordinator.GroupCount.ShouldBe(0);
        Reloaded().GroupCount.ShouldBe(0);
    }

    [Fact]
    public void Offsets_AreGone_WhenTheRetentionIsOver_ThatTheClientAskedFor()
    {
        Commit("g", retentionMs: 1000);
        PassTo(CheckMs);
        _coordinator.TopicsWithOffsets().ShouldBeEmpty();
    }

    [Fact]
    public void Expiry_IsAStepOfItsOwn_SinceOnlyItsRecordsMayBeParted()
    {
        Commit("g", retentionMs: 1000);
        PassTo(CheckMs - SessionMs - 1);
        Carry(_coordinator.ConsumerHeartbeat(7, JoinOf("h"), new JoinContext("client", "/host", Guid.NewGuid()), Now));

        // The session of the member and the check are over when it is looked.
        _nowMs = CheckMs;
        var session = _coordinator.Tick(Now);
        session.MayBeParted.ShouldBeFalse();
        session.Records.ShouldContain(record => record.Key is ConsumerGroupMemberMetadataKey);
        _coordinator.NextDeadlineMs.ShouldBe(_nowMs);

        var expiry = _coordinator.Tick(Now);
        expiry.MayBeParted.ShouldBeTrue();
        expiry.Records.Select(record => record.Key).ShouldContain(key => key is OffsetCommitKey);
        expiry.Records.ShouldNotContain(record => record.Key is ConsumerGroupMemberMetadataKey);
    }

    [Fact]
    public void ClassicJoin_WithAnIdThatNobodyGave_LeavesAnEmptyConsumerGroup_AndItsOffsets()
    {
        Carry(_coordinator.ConsumerHeartbeat(7, JoinOf("g"), new JoinContext("client", "/host", Guid.NewGuid()), Now));
        PassTo(SessionMs);
        Commit("g", retentionMs: -1);

        Carry(_coordinator.Join(
            8,
            new JoinGroupRequest
            {
                GroupId = "g",
                MemberId = "made-up",
                ProtocolType = "consumer",
                SessionTimeoutMs = SessionMs,
                Protocols = [new JoinGroupRequest.JoinGroupRequestProtocol { Name = "range" }],
            },
            new JoinContext("client", "/host", Guid.NewGuid()),
            Now));

        _coordinator.GroupCount.ShouldBe(1);
        Reloaded().GroupCount.ShouldBe(1);
    }

    private static ConsumerGroupHeartbeatRequest JoinOf(string groupId) => new()
    {
        GroupId = groupId,
        MemberId = "m",
        RebalanceTimeoutMs = 60_000,
        SubscribedTopicNames = ["other"],
        TopicPartitions = [],
    };

    private void Commit(string groupId, long retentionMs)
    {
        var request = new OffsetCommitRequest { GroupId = groupId, GenerationIdOrMemberEpoch = -1, RetentionTimeMs = retentionMs };
        request.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic
        {
            Name = "t",
            Partitions = [new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = 0, CommittedOffset = 5 }],
        });
        Carry(_coordinator.CommitOffsets(1, request, Now, out var error));
        error.ShouldBe(ErrorCode.None);
    }

    private void PassTo(long nowMs)
    {
        while (_coordinator.NextDeadlineMs is { } due && due <= nowMs)
        {
            _nowMs = Math.Max(_nowMs, due);
            Carry(_coordinator.Tick(Now));
        }

        _nowMs = nowMs;
    }

    private GroupCoordinator Reloaded()
    {
        var other = new GroupCoordinator(new GroupSettings());
        foreach (var record in _log)
        {
            other.Replay(record);
        }

        return other;
    }

    private void Carry(GroupEffects effects) => _log.AddRange(effects.Records);
}
