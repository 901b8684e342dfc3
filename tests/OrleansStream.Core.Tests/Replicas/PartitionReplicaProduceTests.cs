using OrleansStream.Core.Replicas;
using static OrleansStream.Core.Tests.Replicas.ReplicaFixture;

namespace OrleansStream.Core.Tests.Replicas;

public sealed class PartitionReplicaProduceTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public void DecideProduce_RefusesInvalidRequiredAcks_WhenNeither0Nor1NorAll(short acks)
        => new ReplicaFixture().Leading().Replica.DecideProduce(Command(acks: acks)).Error.ShouldBe(ErrorCode.InvalidRequiredAcks);

    [Fact]
    public void DecideProduce_RefusesNotLeader_WhenUnassigned()
        => new ReplicaFixture().Replica.DecideProduce(Command()).Error.ShouldBe(ErrorCode.NotLeaderOrFollower);

    [Fact]
    public void DecideProduce_RefusesNotEnoughReplicas_WhenIsrIsTooSmallForAcksAll()
    {
        var replica = new ReplicaFixture(ReplicaConfig.Default with { MinInSyncReplicas = 2 }).Leading().Replica;

        var decision = replica.DecideProduce(Command(acks: -1));

        decision.Error.ShouldBe(ErrorCode.NotEnoughReplicas);
        decision.Message.ShouldBe("orders-0 has 1 in-sync replica(s) [1], but min.insync.replicas is 2.");
        replica.DecideProduce(Command(acks: 1)).Kind.ShouldBe(ProduceDecisionKind.Append);
    }

    [Fact]
    public void DecideProduce_RefusesMessageTooLarge_WhenLargerThanTheTopicAllows()
    {
        var replica = new ReplicaFixture(ReplicaConfig.Default with { MaxMessageBytes = 1000 }).Leading().Replica;

        replica.DecideProduce(Command(size: 1000)).Kind.ShouldBe(ProduceDecisionKind.Append);
        var decision = replica.DecideProduce(Command(size: 1001));
        decision.Error.ShouldBe(ErrorCode.MessageTooLarge);
        decision.Message.ShouldBe("The record batch for orders-0 has 1001 bytes, but max.message.bytes is 1000.");
    }

    [Fact]
    public void DecideProduce_RefusesTransactionalBatches_WhileThereAreNoTransactions()
    {
        var replica = new ReplicaFixture().Leading().Replica;

        replica.DecideProduce(Command() with { IsTransactional = true }).Error.ShouldBe(ErrorCode.InvalidTxnState);
    }

    [Fact]
    public void DecideProduce_StampsTheTime_WhenTopicUsesLogAppendTime()
    {
        var config = ReplicaConfig.Default with { TimestampType = TimestampType.LogAppendTime };

        new ReplicaFixture(config).Leading().Replica.DecideProduce(Command(timestamp: 5)).LogAppendTimeMs.ShouldBe(Now);
        new ReplicaFixture().Leading().Replica.DecideProduce(Command(timestamp: 5)).LogAppendTimeMs.ShouldBe(-1);
    }

    [Fact]
    public void DecideProduce_GivesConsecutiveOffsetsAndTheLeaderEpoch()
    {
        var fixture = new ReplicaFixture(logEnd: 7).Leading(leaderEpoch: 3);
        fixture.Append(records: 5);

        var decision = fixture.Replica.DecideProduce(Command(records: 2));

        decision.ShouldBe(new ProduceDecision(ProduceDecisionKind.Append, ErrorCode.None, null, 12, 14, 3, -1));
    }

    [Fact]
    public void DecideProduce_AnswersWithTheFirstAppend_WhenBatchIsRepeatedInFlight()
    {
        var fixture = new ReplicaFixture().Leading();
        fixture.Append(2);
        fixture.Append(Command(records: 3, producerId: 9, sequence: 0));
        fixture.Append(4);

        var decision = fixture.Replica.DecideProduce(Command(records: 3, producerId: 9, sequence: 0));

        decision.Kind.ShouldBe(ProduceDecisionKind.Duplicate);
        decision.BaseOffset.ShouldBe(2);
        fixture.Replica.AwaitAck(1, decision.EndOffset, -1, Now + 1000).ShouldBeNull("the first append is not durable yet");
        fixture.Replica.OnLocalFlush(4).Acks.ShouldBeEmpty();
        fixture.Replica.OnLocalFlush(5).Acks.ShouldBe([new AckOutcome(1, ErrorCode.None)]);
        fixture.Replica.AwaitAck(2, decision.EndOffset, -1, Now + 1000).ShouldBe(ErrorCode.None);
    }

    [Fact]
    public void DecideProduce_RefusesOutOfOrderSequence_AndChangesNothing()
    {
        var fixture = new ReplicaFixture().Leading();
        fixture.Append(Command(records: 3, producerId: 9, sequence: 0));

        fixture.Replica.DecideProduce(Command(producerId: 9, sequence: 4)).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);

        fixture.Replica.DecideProduce(Command(producerId: 9, sequence: 3)).Kind.ShouldBe(ProduceDecisionKind.Append);
    }

    [Fact]
    public void AwaitAck_CompletesAtTheOwnFlush_WhenAcksIs1()
    {
        var fixture = new ReplicaFixture().Leading(replicas: [1, 2]);
        fixture.Append();
        fixture.Replica.AwaitAck(1, 1, 1, Now + 1000).ShouldBeNull();
        fixture.Replica.AwaitAck(2, 1, -1, Now + 1000).ShouldBeNull();

        fixture.Replica.OnLocalFlush(1).Acks.ShouldBe([new AckOutcome(1, ErrorCode.None)]);
        fixture.Replica.OnFollowerFetch(2, 0, 1, Now).Effects.Acks.ShouldBe([new AckOutcome(2, ErrorCode.None)]);
    }

    [Fact]
    public void AwaitAck_CompletesAtOnce_WhenTopicDoesNotWaitForFlushes()
    {
        var fixture = new ReplicaFixture(ReplicaConfig.Default with { DurableBeforeAck = false }).Leading();

        fixture.Append().HighWatermarkAdvanced.ShouldBeTrue();

        fixture.Replica.AwaitAck(1, 1, 1, Now).ShouldBe(ErrorCode.None);
        fixture.Replica.AwaitAck(2, 1, -1, Now).ShouldBe(ErrorCode.None);
        fixture.Replica.FlushedOffset.ShouldBe(0);
    }

    [Fact]
    public void AwaitAck_EndsWithNotEnoughReplicasAfterAppend_WhenIsrShrankMeanwhile()
    {
        var config = ReplicaConfig.Default with { MinInSyncReplicas = 2, ReplicaLagTimeMaxMs = 100 };
        var fixture = new ReplicaFixture(config).Leading(replicas: [1, 2]);
        fixture.Append();
        fixture.Replica.AwaitAck(1, 1, -1, Now + 1000).ShouldBeNull();
        fixture.Replica.OnLocalFlush(1);
        var proposal = fixture.Replica.CheckIsr(Now + 101)!;
        fixture.Replica.OnIsrCommitted(proposal, 1).Acks.ShouldBeEmpty("the high watermark stands still below min.insync.replicas");

        var withoutElr = fixture.Replica.SetConfig(config with { MinInSyncReplicas = 1 }).IsrProposal.ShouldNotBeNull("broker 2 is promised leadership first");
        fixture.Replica.HighWatermark.ShouldBe(0);
        fixture.Replica.OnIsrCommitted(withoutElr, 2).Acks.ShouldBe([new AckOutcome(1, ErrorCode.None)]);
    }

    [Fact]
    public void ExpireAcks_GivesUpOnWhatIsOverdue_AndOnNothingElse()
    {
        var fixture = new ReplicaFixture().Leading();
        fixture.Append();
        fixture.Append();
        fixture.Replica.AwaitAck(1, 1, -1, Now + 10).ShouldBeNull();
        fixture.Replica.AwaitAck(2, 2, -1, Now + 20).ShouldBeNull();
        fixture.Replica.NextAckDeadlineMs().ShouldBe(Now + 10);

        fixture.Replica.ExpireAcks(Now + 9).Acks.ShouldBeEmpty();
        fixture.Replica.ExpireAcks(Now + 10).Acks.ShouldBe([new AckOutcome(1, ErrorCode.RequestTimedOut)]);

        fixture.Replica.NextAckDeadlineMs().ShouldBe(Now + 20);
        fixture.Replica.OnLocalFlush(2).Acks.ShouldBe([new AckOutcome(2, ErrorCode.None)]);
        fixture.Replica.NextAckDeadlineMs().ShouldBeNull();
    }
}
