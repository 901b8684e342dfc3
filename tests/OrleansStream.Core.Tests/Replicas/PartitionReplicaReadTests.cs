using OrleansStream.Core.Replicas;
using static OrleansStream.Core.Tests.Replicas.ReplicaFixture;

namespace OrleansStream.Core.Tests.Replicas;

public sealed class PartitionReplicaReadTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    [InlineData(13)]
    public void DecideRead_RefusesOffsetOutOfRange_WithTheValidRange(long offset)
    {
        var fixture = new ReplicaFixture(logStart: 5, logEnd: 10).Leading();
        fixture.Append(2);

        var decision = fixture.Replica.DecideRead(offset, -1, IsolationLevel.ReadUncommitted);

        decision.Error.ShouldBe(ErrorCode.OffsetOutOfRange);
        decision.Message.ShouldBe($"Offset {offset} of orders-0 is out of range: the partition holds 5 to 12.");
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(12)]
    public void DecideRead_ReadsUpToTheHighWatermark_WhenInsideTheLog(long offset)
    {
        var fixture = new ReplicaFixture(logStart: 5, logEnd: 10).Leading();
        fixture.Append(2);

        fixture.Replica.DecideRead(offset, 0, IsolationLevel.ReadCommitted).Value.ShouldBe(10);
    }

    [Fact]
    public void DecideRead_AllowsAFollower_UpToWhatItKnowsToBeCommitted()
    {
        var replica = new ReplicaFixture(logEnd: 10).Replica;
        replica.BecomeFollower(State(2, 3, [1, 2], [2]), Now);
        replica.OnLeaderProgress(7);

        replica.DecideRead(2, 3, IsolationLevel.ReadUncommitted, allowsFollower: true).Value.ShouldBe(7);
        replica.DecideRead(2, 3, IsolationLevel.ReadUncommitted).Error.ShouldBe(ErrorCode.NotLeaderOrFollower);
        replica.DecideRead(2, 2, IsolationLevel.ReadUncommitted, allowsFollower: true).Error.ShouldBe(ErrorCode.FencedLeaderEpoch);
        replica.DecideRead(2, 4, IsolationLevel.ReadUncommitted, allowsFollower: true).Error.ShouldBe(ErrorCode.UnknownLeaderEpoch);
        replica.DecideRead(11, 3, IsolationLevel.ReadUncommitted, allowsFollower: true).Error.ShouldBe(ErrorCode.OffsetOutOfRange);
    }

    [Theory]
    [InlineData(new[] { 2 }, 10, 2)]
    [InlineData(new[] { 3 }, 10, 3)]
    [InlineData(new[] { 2, 3 }, 5, 3)]
    [InlineData(new[] { 2 }, 11, -1)]
    [InlineData(new[] { 1, 2 }, 5, -1)]
    [InlineData(new[] { 4 }, 5, -1)]
    [InlineData(new int[0], 5, -1)]
    public void PreferredReadReplica_IsTheInSyncFollowerNearby_ThatHoldsTheOffset(int[] nearby, long offset, int expected)
    {
        var fixture = new ReplicaFixture(logEnd: 10).Leading(replicas: [1, 2, 3, 4], isr: [1, 2, 3]);
        fixture.Append(2);
        fixture.Replica.OnFollowerFetch(2, 0, 10, Now);
        fixture.Replica.OnFollowerFetch(3, 0, 12, Now);

        fixture.Replica.PreferredReadReplica(nearby, offset).ShouldBe(expected);
    }

    [Theory]
    [InlineData(2, ErrorCode.FencedLeaderEpoch)]
    [InlineData(3, ErrorCode.None)]
    [InlineData(4, ErrorCode.UnknownLeaderEpoch)]
    [InlineData(-1, ErrorCode.None)]
    public void CheckLeaderEpoch_FencesByEpoch(int epoch, ErrorCode expected)
        => new ReplicaFixture().Leading(leaderEpoch: 3).Replica.CheckLeaderEpoch(epoch).Error.ShouldBe(expected);

    [Fact]
    public void CheckLeaderEpoch_RefusesNotLeader_WhenFollower()
    {
        var replica = new ReplicaFixture().Replica;
        replica.BecomeFollower(State(2, 3, [1, 2], [2]), Now);

        replica.CheckLeaderEpoch(3).Error.ShouldBe(ErrorCode.NotLeaderOrFollower);
        replica.CheckLeaderEpoch(2).Error.ShouldBe(ErrorCode.FencedLeaderEpoch);
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(7, 7)]
    [InlineData(3, 5)]
    [InlineData(10, 10)]
    public void DecideDeleteRecords_MovesTheStart_WithinTheHighWatermark(long before, long expected)
    {
        var fixture = new ReplicaFixture(logStart: 5, logEnd: 10).Leading();
        fixture.Append();

        fixture.Replica.DecideDeleteRecords(before).Value.ShouldBe(expected);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(-2)]
    public void DecideDeleteRecords_RefusesOffsetOutOfRange_WhenNotCommitted(long before)
    {
        var fixture = new ReplicaFixture(logEnd: 10).Leading();
        fixture.Append();

        fixture.Replica.DecideDeleteRecords(before).Error.ShouldBe(ErrorCode.OffsetOutOfRange);
    }

    [Fact]
    public void DecideDeleteRecords_RefusesPolicyViolation_WhenTopicIsOnlyCompacted()
        => new ReplicaFixture(ReplicaConfig.Default with { AllowsDeleteRecords = false }).Leading().Replica
            .DecideDeleteRecords(0).Error.ShouldBe(ErrorCode.PolicyViolation);

    [Fact]
    public void OnLogStartAdvanced_TakesTheHighWatermarkAlong_WhenItWasBelow()
    {
        var replica = new ReplicaFixture(logEnd: 10).Leading(replicas: [1, 2]).Replica;

        replica.OnLogStartAdvanced(4);

        replica.LogStartOffset.ShouldBe(4);
        replica.HighWatermark.ShouldBe(4);
    }
}
