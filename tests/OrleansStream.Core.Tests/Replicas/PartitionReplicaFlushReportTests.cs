using OrleansStream.Core.Producers;
using OrleansStream.Core.Replicas;
using static OrleansStream.Core.Tests.Replicas.ReplicaFixture;

namespace OrleansStream.Core.Tests.Replicas;

/// <summary>What followers tell of their disks beside their fetches.</summary>
public sealed class PartitionReplicaFlushReportTests
{
    [Fact]
    public void OnFollowerFlushed_CommitsWhatTheFollowerHasOnDisk_WithoutAFetch()
    {
        var fixture = LeaderWithFollower(fetched: 10, flushed: 4);

        var effects = fixture.Replica.OnFollowerFlushed(new ReplicaFlush(2, 0, 0, 9), Now);

        effects.HighWatermarkAdvanced.ShouldBeTrue();
        fixture.Replica.HighWatermark.ShouldBe(9);
    }

    [Theory]
    [InlineData(3, 0, 0, 9, "a broker that is no replica")]
    [InlineData(2, 1, 0, 9, "a registration that has not fetched")]
    [InlineData(2, -1, 0, 9, "an earlier registration")]
    [InlineData(2, 0, 1, 9, "another leader epoch")]
    [InlineData(2, 0, 0, 11, "more than there is")]
    [InlineData(2, 0, 0, 3, "less than is known")]
    public void OnFollowerFlushed_ChangesNothing_WhenItDoesNotFitTheLastFetch(int replica, long brokerEpoch, int leaderEpoch, long flushed, string what)
    {
        var fixture = LeaderWithFollower(fetched: 10, flushed: 4);

        fixture.Replica.OnFollowerFlushed(new ReplicaFlush(replica, brokerEpoch, leaderEpoch, flushed), Now).ShouldBe(ReplicaEffects.None, what);

        fixture.Replica.HighWatermark.ShouldBe(4, what);
    }

    [Fact]
    public void OnFollowerFlushed_ChangesNothing_WhenTheFollowerHasNotFetchedInThisEpoch()
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2], isr: [1, 2]);
        fixture.Append(10);
        fixture.Replica.OnLocalFlush(10);

        fixture.Replica.OnFollowerFlushed(new ReplicaFlush(2, -1, 0, 10), Now).ShouldBe(ReplicaEffects.None);

        fixture.Replica.HighWatermark.ShouldBe(0);
    }

    [Fact]
    public void OnFollowerFetch_DoesNotTakeBackAReport_WhenItComesLate()
    {
        var fixture = LeaderWithFollower(fetched: 10, flushed: 4, leaderFlushed: 4);
        fixture.Replica.OnFollowerFlushed(new ReplicaFlush(2, 0, 0, 10), Now);

        fixture.Replica.OnFollowerFetch(new ReplicaFetch(2, 0, 0, 10, -1, 6), new EpochList(), Now);
        fixture.Replica.OnLocalFlush(10);

        fixture.Replica.HighWatermark.ShouldBe(10);
    }

    [Fact]
    public void OnFollowerFlushed_ProposesTheFollower_WhenItHasCaughtUp()
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2], isr: [1]);
        fixture.Append(10);
        fixture.Replica.OnLocalFlush(10);
        fixture.Replica.OnFollowerFetch(new ReplicaFetch(2, 0, 0, 10, -1, 4), new EpochList(), Now).Effects.IsrProposal.ShouldBeNull();

        fixture.Replica.OnFollowerFlushed(new ReplicaFlush(2, 0, 0, 10), Now).IsrProposal.ShouldNotBeNull().Isr.ShouldBe([1, 2]);
    }

    [Fact]
    public void FlushReport_ComesWithTheFirstCopyInALeaderEpoch_AndNotBefore()
    {
        var follower = new ReplicaFixture(logEnd: 5).Replica;
        Follow(follower, leaderEpoch: 3);
        follower.FlushReport(7).ShouldBeNull("what it holds may still be cut");

        Copy(follower, baseOffset: 5);
        follower.FlushReport(7).ShouldBe(new ReplicaFlush(1, 7, 3, 5));
        follower.OnLocalFlush(6);
        follower.FlushReport(7).ShouldBe(new ReplicaFlush(1, 7, 3, 6));

        Follow(follower, leaderEpoch: 4);
        follower.FlushReport(7).ShouldBeNull("another leader epoch has begun");
        Copy(follower, baseOffset: 6);
        follower.OnTruncated(0, 6, 6);
        follower.FlushReport(7).ShouldBeNull("the log was cut");
    }

    [Fact]
    public void FlushReport_IsNull_WhenTheReplicaLeads()
    {
        var replica = new ReplicaFixture(logEnd: 5).Replica;
        Follow(replica, leaderEpoch: 3);
        Copy(replica, baseOffset: 5);

        replica.BecomeLeader(State(1, 4, [1, 2], [1]), Now).Error.ShouldBe(ErrorCode.None);

        replica.FlushReport(7).ShouldBeNull();
    }

    private static ReplicaFixture LeaderWithFollower(long fetched, long flushed, long leaderFlushed = 10)
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2], isr: [1, 2]);
        fixture.Append(10);
        fixture.Replica.OnLocalFlush(leaderFlushed);
        fixture.Replica.OnFollowerFetch(new ReplicaFetch(2, 0, 0, fetched, -1, flushed), new EpochList(), Now).Error.ShouldBe(ErrorCode.None);
        return fixture;
    }

    private static void Follow(PartitionReplica replica, int leaderEpoch)
        => replica.BecomeFollower(State(2, leaderEpoch, [1, 2], [2]), Now).Error.ShouldBe(ErrorCode.None);

    private static void Copy(PartitionReplica replica, long baseOffset)
        => replica.OnReplicated(new ProducerBatch(-1, -1, -1, 0, Now), baseOffset, Now);
}
