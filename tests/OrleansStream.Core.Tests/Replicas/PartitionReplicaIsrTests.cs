using OrleansStream.Core.Controller;
using OrleansStream.Core.Replicas;
using static OrleansStream.Core.Tests.Replicas.ReplicaFixture;

namespace OrleansStream.Core.Tests.Replicas;

public sealed class PartitionReplicaIsrTests
{
    [Fact]
    public void OnFollowerFetch_MovesTheHighWatermark_ToTheSmallestOfTheIsr()
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2, 3]);
        fixture.Append(10);
        fixture.Replica.OnLocalFlush(10);

        fixture.Replica.OnFollowerFetch(2, 0, 8, Now).Effects.HighWatermarkAdvanced.ShouldBeFalse();
        fixture.Replica.OnFollowerFetch(3, 0, 6, Now).Effects.HighWatermarkAdvanced.ShouldBeTrue();

        fixture.Replica.HighWatermark.ShouldBe(6);
    }

    [Fact]
    public void OnFollowerFetch_IgnoresReplicasOutsideTheIsr_ForTheHighWatermark()
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2], isr: [1]);
        fixture.Append(10);

        fixture.Replica.OnLocalFlush(10).HighWatermarkAdvanced.ShouldBeTrue();

        fixture.Replica.HighWatermark.ShouldBe(10);
    }

    [Fact]
    public void OnFollowerFetch_ProposesTheFollower_WhenItHasEverythingCommitted()
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2], isr: [1]);
        fixture.Append(10);
        fixture.Replica.OnLocalFlush(10);

        fixture.Replica.OnFollowerFetch(2, 0, 9, Now).Effects.IsrProposal.ShouldBeNull();
        var proposal = fixture.Replica.OnFollowerFetch(2, 0, 10, Now).Effects.IsrProposal;

        proposal.ShouldNotBeNull().Isr.ShouldBe([1, 2]);
        fixture.Replica.Isr.ShouldBe([1], "only the metadata store changes the ISR");
    }

    [Fact]
    public void HighWatermark_WaitsForAFollower_WhenItsEntryIsUnderWay()
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2], isr: [1]);
        var proposal = fixture.Replica.OnFollowerFetch(2, 0, 0, Now).Effects.IsrProposal!;
        fixture.Append(5);

        fixture.Replica.OnLocalFlush(5).HighWatermarkAdvanced.ShouldBeFalse("the store may have taken the proposal already");

        fixture.Replica.OnIsrRefused(proposal, new PartitionState(new LeaderAndIsr(2, 1, [2], 2), 9, 99));
        fixture.Append(1);
        fixture.Replica.OnLocalFlush(6);
        fixture.Replica.HighWatermark.ShouldBe(0, "it may have been taken before somebody else was elected, and its answer lost");
    }

    [Fact]
    public void OnIsrRefused_TakesTheProposalAsCommitted_WhenItsAnswerWasLost()
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2], isr: [1]);
        var proposal = fixture.Replica.OnFollowerFetch(2, 0, 0, Now).Effects.IsrProposal!;

        fixture.Replica.OnIsrRefused(proposal, new PartitionState(proposal.State, 1, 99));

        fixture.Replica.Isr.ShouldBe([1, 2]);
        fixture.Replica.PartitionEpoch.ShouldBe(1);
    }

    [Fact]
    public void HighWatermark_WaitsForAFollower_UntilItsExitIsCommitted()
    {
        var fixture = new ReplicaFixture(ReplicaConfig.Default with { ReplicaLagTimeMaxMs = 100 }).Leading(replicas: [1, 2]);
        fixture.Append(5);
        fixture.Replica.OnLocalFlush(5);

        fixture.Replica.CheckIsr(Now + 100).ShouldBeNull();
        var proposal = fixture.Replica.CheckIsr(Now + 101).ShouldNotBeNull();
        fixture.Replica.HighWatermark.ShouldBe(0);
        fixture.Replica.CheckIsr(Now + 102).ShouldBeNull("one change at a time");

        fixture.Replica.OnIsrCommitted(proposal, 1).HighWatermarkAdvanced.ShouldBeTrue();
        fixture.Replica.HighWatermark.ShouldBe(5);
        fixture.Replica.PartitionEpoch.ShouldBe(1);
    }

    [Fact]
    public void CheckIsr_KeepsAFollower_ThatIsAlwaysOneFetchBehind()
    {
        var fixture = new ReplicaFixture(ReplicaConfig.Default with { ReplicaLagTimeMaxMs = 100 }).Leading(replicas: [1, 2]);
        for (var i = 0; i < 10; i++)
        {
            fixture.Append(1);
            fixture.Replica.OnFollowerFetch(2, 0, i, Now + (i * 60));
        }

        fixture.Replica.CheckIsr(Now + 570).ShouldBeNull();
    }

    [Fact]
    public void HighWatermark_StandsStill_WhenFewerThanMinInSync()
    {
        var fixture = new ReplicaFixture(ReplicaConfig.Default with { MinInSyncReplicas = 2 }).Leading(replicas: [1, 2, 3], isr: [1]);
        fixture.Append(Command(records: 5, acks: 1));

        fixture.Replica.OnLocalFlush(5).HighWatermarkAdvanced.ShouldBeFalse();
    }

    [Fact]
    public void HighWatermark_Moves_WhenTopicHasFewerReplicasThanMinInSync()
    {
        var fixture = new ReplicaFixture(ReplicaConfig.Default with { MinInSyncReplicas = 2 }).Leading();
        fixture.Append(Command(acks: 1));

        fixture.Replica.OnLocalFlush(1).HighWatermarkAdvanced.ShouldBeTrue("records of acks=1 can be read");
    }

    [Fact]
    public void OnIsrCommitted_ChangesNothing_WhenTheControllerSpokeMeanwhile()
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2], isr: [1]);
        var proposal = fixture.Replica.OnFollowerFetch(2, 0, 0, Now).Effects.IsrProposal!;
        fixture.Replica.BecomeLeader(State(1, 1, [1, 2], [1], partitionEpoch: 7), Now);

        fixture.Replica.OnIsrCommitted(proposal, 1);

        fixture.Replica.Isr.ShouldBe([1]);
        fixture.Replica.PartitionEpoch.ShouldBe(7);
    }

    [Theory]
    [InlineData(2, 1, 0L, ErrorCode.UnknownLeaderEpoch)]
    [InlineData(9, 0, 0L, ErrorCode.UnknownLeaderEpoch)]
    [InlineData(2, 0, 1L, ErrorCode.OffsetOutOfRange)]
    public void OnFollowerFetch_Refuses_WhenEpochReplicaOrOffsetAreNotKnown(int brokerId, int epoch, long offset, ErrorCode expected)
        => new ReplicaFixture().Leading(replicas: [1, 2]).Replica.OnFollowerFetch(brokerId, epoch, offset, Now).Error.ShouldBe(expected);
}
