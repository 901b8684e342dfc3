using OrleansStream.Core.Controller;

namespace OrleansStream.Core.Tests.Controller;

public class ControllerMachineElectionTests
{
    private readonly ControllerWorld _world = new();

    [Fact]
    public void ControlledShutdown_HandsOverLeadershipAndLeavesTheIsr()
    {
        Start(1, 2, 3);
        _world.Create("led", [1, 2, 3]);
        _world.Create("followed", [2, 1]);
        _world.Create("alone", [1]);

        var step = _world.Machine.ShutDownBroker(1, EpochOf(1));
        _world.Run(step.Value);

        _world.State("led", 0).ShouldBe("leader 2 epoch 1 isr 2,3");
        _world.State("followed", 0).ShouldBe("leader 2 epoch 1 isr 2");
        _world.State("alone", 0).ShouldBe("leader 1 epoch 0 isr 1");
        _world.Machine.PartitionsLedBy(1).ShouldBe([new TopicPartition("alone", 0)]);
        _world.Machine.AssignableBrokers.Select(b => b.BrokerId).ShouldBe([2, 3]);
    }

    [Fact]
    public void ControlledShutdown_LeavesNewTopicsToTheOthers_AndEndsWithTheRestart()
    {
        Start(1, 2);
        _world.Run(_world.Machine.ShutDownBroker(1, EpochOf(1)).Value);

        _world.Create("t", [1, 2]);
        _world.State("t", 0).ShouldBe("leader 2 epoch 0 isr 2");
        _world.Kill(1);
        _world.Start(1);
        _world.Create("u", [1, 2]);

        _world.State("u", 0).ShouldBe("leader 1 epoch 0 isr 1,2");
    }

    [Fact]
    public void ControlledShutdown_KeepsWhatNobodyElseCanLead()
    {
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Kill(2);

        _world.Run(_world.Machine.ShutDownBroker(1, EpochOf(1)).Value);

        _world.State("t", 0).ShouldBe("leader 1 epoch 1 isr 1");
        _world.Machine.PartitionsLedBy(1).ShouldHaveSingleItem();
        _world.Machine.PartitionsToHandOver(1).ShouldBeEmpty("the other replica is not alive");
        _world.Start(2);
        _world.Machine.PartitionsToHandOver(1).ShouldHaveSingleItem("it may come into sync now");
    }

    [Fact]
    public void BalanceLeaders_MovesLeadershipBack_WhenTooMuchOfABrokersIsElsewhere()
    {
        Start(1, 2);
        _world.Create("t", [1, 2], [1, 2], [2, 1]);
        _world.Kill(1);
        _world.Start(1);
        foreach (var partition in new[] { 0, 1 })
        {
            _world.SetIsr("t", partition, 2, 1);
            _world.Run(_world.Machine.OnStatesRead(new Dictionary<TopicPartition, PartitionState?> { [new("t", partition)] = _world["t", partition] }));
        }

        _world.Run(_world.Machine.BalanceLeaders(percentage: 100));
        _world["t", 0].LeaderAndIsr.Leader.ShouldBe(2);
        _world.Run(_world.Machine.BalanceLeaders(percentage: 10));

        _world["t", 0].LeaderAndIsr.Leader.ShouldBe(1);
        _world["t", 1].LeaderAndIsr.Leader.ShouldBe(1);
        _world["t", 2].LeaderAndIsr.Leader.ShouldBe(2);
        _world.Machine.BalanceLeaders(percentage: 10).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Election_PrefersWhoStoppedInOrder_WhenRecordsAreAcknowledgedBeforeTheyAreFlushed()
    {
        _world.Policies["t"] = ReplicationPolicy.Default with { IsFlushedBeforeAck = false };
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Kill(1, 2);

        _world.StartAfterKill(1);
        _world["t", 0].LeaderAndIsr.Leader.ShouldBe(LeaderAndIsr.NoLeader, "broker 2 may have everything");
        _world.Start(2);

        _world["t", 0].LeaderAndIsr.Leader.ShouldBe(2);
        _world["t", 0].LeaderAndIsr.Isr.ShouldBe([2]);
    }

    [Fact]
    public void Election_TakesTheLastToComeBack_WhenAllWereKilled()
    {
        _world.Policies["t"] = ReplicationPolicy.Default with { IsFlushedBeforeAck = false };
        _world.Policies["alone"] = ReplicationPolicy.Default with { IsFlushedBeforeAck = false };
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Create("alone", [1]);
        _world.Kill(1, 2);

        _world.StartAfterKill(1);
        _world["alone", 0].LeaderAndIsr.Leader.ShouldBe(1);
        _world.StartAfterKill(2);

        _world["t", 0].LeaderAndIsr.Leader.ShouldBe(2);
    }

    [Fact]
    public void ControlledShutdown_IsRefused_ForUnknownAndOldRegistrations()
    {
        Start(1);

        _world.Machine.ShutDownBroker(9, 1).Error.ShouldBe(ErrorCode.BrokerNotAvailable);
        _world.Machine.ShutDownBroker(1, EpochOf(1) - 1).Error.ShouldBe(ErrorCode.StaleBrokerEpoch);
    }

    [Fact]
    public void PreferredElection_MovesLeadershipBack_WhenTheReplicaIsInSync()
    {
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Create("u", [2, 1]);
        _world.Start(1);
        Elect(LeaderElectionKind.Preferred, new("t", 0)).Error.ShouldBe(ErrorCode.PreferredLeaderNotAvailable);
        _world.SetIsr("t", 0, 2, 1);
        _world.Run(_world.Machine.OnStatesRead(new Dictionary<TopicPartition, PartitionState?> { [new("t", 0)] = _world["t", 0] }));

        Elect(LeaderElectionKind.Preferred, new("t", 0)).IsSuccess.ShouldBeTrue();

        _world.State("t", 0).ShouldBe("leader 1 epoch 2 isr 2,1");
        Elect(LeaderElectionKind.Preferred, new("t", 0)).Error.ShouldBe(ErrorCode.ElectionNotNeeded);
        Elect(LeaderElectionKind.Preferred, new("none", 0)).Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        Elect(LeaderElectionKind.Preferred, new("t", 7)).Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
    }

    [Fact]
    public void UncleanElection_TakesAnyLiveReplica_OnlyWithoutALeader()
    {
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Kill(2);
        Elect(LeaderElectionKind.Unclean, new("t", 0)).Error.ShouldBe(ErrorCode.ElectionNotNeeded);
        _world.Kill(1);
        Elect(LeaderElectionKind.Unclean, new("t", 0)).Error.ShouldBe(ErrorCode.EligibleLeadersNotAvailable);
        _world.Start(2);

        Elect(LeaderElectionKind.Unclean, new("t", 0)).IsSuccess.ShouldBeTrue();

        _world.State("t", 0).ShouldBe("leader 2 epoch 3 isr 2");
    }

    [Fact]
    public void AnElectionOverAll_ReportsOnlyWhatNeededOne()
    {
        Start(1, 2);
        _world.Create("balanced", [2, 1]);
        _world.Create("moved", [1, 2]);
        _world.Start(1);

        var (step, outcomes) = _world.Machine.ElectLeaders(LeaderElectionKind.Preferred, null);

        step.Writes.ShouldBeEmpty();
        outcomes.Keys.ShouldBe([new TopicPartition("moved", 0)]);
    }

    [Theory]
    [InlineData(false, ErrorCode.None)]
    [InlineData(true, ErrorCode.InvalidUpdateVersion)]
    public void ConfirmElections_TellsOfWritesThatWereRefused(bool isrChangesMeanwhile, ErrorCode expected)
    {
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Kill(1);
        _world.Start(1);
        _world.SetIsr("t", 0, 2, 1);
        _world.Run(_world.Machine.OnStatesRead(new Dictionary<TopicPartition, PartitionState?> { [new("t", 0)] = _world["t", 0] }));

        var (step, promised) = _world.Machine.ElectLeaders(LeaderElectionKind.Preferred, [new("t", 0)]);
        if (isrChangesMeanwhile)
        {
            _world.SetIsr("t", 0, 2);
        }

        _world.Run(step);

        promised[new("t", 0)].IsSuccess.ShouldBeTrue();
        _world.Machine.ConfirmElections(LeaderElectionKind.Preferred, promised)[new("t", 0)].Error.ShouldBe(expected);
    }

    private void Start(params int[] brokers)
    {
        _world.Start(brokers);
        _world.Elect();
    }

    private long EpochOf(int broker) => _world.Machine.Brokers.Single(b => b.BrokerId == broker).BrokerEpoch;

    private Outcome Elect(LeaderElectionKind kind, TopicPartition partition)
    {
        var (step, outcomes) = _world.Machine.ElectLeaders(kind, [partition]);
        _world.Run(step);
        return outcomes[partition];
    }
}
