using OrleansStream.Core.Replicas;
using static OrleansStream.Core.Tests.Replicas.ReplicaFixture;

namespace OrleansStream.Core.Tests.Replicas;

public sealed class PartitionReplicaLeadershipTests
{
    [Fact]
    public void BecomeLeader_CommitsTheWholeLog_WhenAlone()
    {
        var replica = new ReplicaFixture(logStart: 5, logEnd: 20).Replica;
        replica.HighWatermark.ShouldBe(5);

        var transition = replica.BecomeLeader(State(1, 0, [1], [1]), Now);

        transition.Effects.HighWatermarkAdvanced.ShouldBeTrue();
        replica.HighWatermark.ShouldBe(20);
        replica.Role.ShouldBe(ReplicaRole.Leader);
    }

    [Fact]
    public void BecomeLeader_CommitsNothing_WhenFollowersHaveNotSpoken()
    {
        var replica = new ReplicaFixture(logEnd: 20).Leading(replicas: [1, 2]).Replica;

        replica.HighWatermark.ShouldBe(0);
        replica.DecideLatest(-1, IsolationLevel.ReadUncommitted).Error.ShouldBe(ErrorCode.OffsetNotAvailable);
    }

    [Fact]
    public void BecomeLeader_RefusesFencedLeaderEpoch_WhenEpochIsOld()
    {
        var replica = new ReplicaFixture().Leading(leaderEpoch: 4).Replica;

        var transition = replica.BecomeLeader(State(1, 3, [1], [1]), Now);

        transition.Error.ShouldBe(ErrorCode.FencedLeaderEpoch);
        transition.Message.ShouldBe("Leader epoch 3 is old: orders-0 is in epoch 4.");
    }

    [Fact]
    public void BecomeLeader_RefusesStaleControllerEpoch_WhenControllerIsOld()
    {
        var replica = new ReplicaFixture().Leading().Replica;

        replica.BecomeLeader(State(1, 9, [1], [1], controllerEpoch: 0), Now).Error.ShouldBe(ErrorCode.StaleControllerEpoch);
        replica.LeaderEpoch.ShouldBe(0);
    }

    [Fact]
    public void BecomeLeader_ChangesNothing_WhenRepeated()
    {
        var fixture = new ReplicaFixture().Leading(leaderEpoch: 2);
        fixture.Append(3);

        fixture.Replica.BecomeLeader(State(1, 2, [1], [1]), Now).Error.ShouldBe(ErrorCode.None);

        fixture.Replica.HighWatermark.ShouldBe(0);
        fixture.Replica.LogEndOffset.ShouldBe(3);
    }

    [Fact]
    public void BecomeLeader_Refuses_WhenBrokerIsNoReplica()
        => new ReplicaFixture().Replica.BecomeLeader(State(1, 0, [2, 3], [2]), Now).Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);

    [Fact]
    public void BecomeLeader_Throws_WhenEpochHasTwoLeaders()
    {
        var replica = new ReplicaFixture().Replica;
        replica.BecomeFollower(State(2, 5, [1, 2], [1, 2]), Now);

        Should.Throw<InvalidOperationException>(() => replica.BecomeLeader(State(1, 5, [1, 2], [1, 2]), Now));
    }

    [Fact]
    public void BecomeLeader_KeepsWaitingProduces_WhenItLedBefore()
    {
        var fixture = new ReplicaFixture().Leading();
        fixture.Append();
        fixture.Replica.AwaitAck(1, 1, -1, Now + 1000).ShouldBeNull();

        fixture.Replica.BecomeLeader(State(1, 1, [1], [1]), Now).Effects.Acks.ShouldBeEmpty();

        fixture.Replica.OnLocalFlush(1).Acks.ShouldBe([new AckOutcome(1, ErrorCode.None)]);
    }

    [Fact]
    public void BecomeFollower_RefusesWhatWaits()
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2]);
        fixture.Append();
        fixture.Replica.AwaitAck(1, 1, -1, Now + 1000).ShouldBeNull();
        fixture.Replica.AwaitAck(2, 1, 1, Now + 1000).ShouldBeNull();

        var transition = fixture.Replica.BecomeFollower(State(2, 1, [1, 2], [1, 2]), Now);

        transition.Effects.Acks.ShouldBe(
            [new AckOutcome(2, ErrorCode.NotLeaderOrFollower), new AckOutcome(1, ErrorCode.NotLeaderOrFollower)]);
        var decision = fixture.Replica.DecideProduce(Command());
        decision.Error.ShouldBe(ErrorCode.NotLeaderOrFollower);
        decision.Message.ShouldBe("Broker 1 does not lead orders-0; broker 2 does, in epoch 1.");
    }

    [Fact]
    public void GoOffline_RefusesEverything_WithTheReason()
    {
        var fixture = new ReplicaFixture().Leading();
        fixture.Append();
        fixture.Replica.AwaitAck(1, 1, -1, Now + 1000).ShouldBeNull();

        fixture.Replica.GoOffline("orders-0: log.0: no space left on device").Acks
            .ShouldBe([new AckOutcome(1, ErrorCode.KafkaStorageError)]);

        fixture.Replica.DecideProduce(Command()).Error.ShouldBe(ErrorCode.KafkaStorageError);
        fixture.Replica.DecideProduce(Command()).Message.ShouldBe("orders-0: log.0: no space left on device");
        fixture.Replica.DecideRead(0, -1, IsolationLevel.ReadUncommitted).Error.ShouldBe(ErrorCode.KafkaStorageError);
        fixture.Replica.BecomeLeader(State(1, 9, [1], [1]), Now).Error.ShouldBe(ErrorCode.KafkaStorageError);
        fixture.Replica.AwaitAck(2, 1, -1, Now).ShouldBe(ErrorCode.KafkaStorageError);
        fixture.Replica.OnLocalFlush(1).ShouldBe(ReplicaEffects.None);
    }
}
