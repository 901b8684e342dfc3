using OrleansStream.Core.Controller;

namespace OrleansStream.Core.Tests.Controller;

public class ControllerMachineTests
{
    private readonly ControllerWorld _world = new();

    [Fact]
    public void ANewTopic_GetsItsFirstLiveReplicaAsLeaderAndAllLiveOnesAsIsr()
    {
        Start(1, 2);
        _world.Create("t", [1, 2], [3, 2], [3]);

        _world.State("t", 0).ShouldBe("leader 1 epoch 0 isr 1,2");
        _world.State("t", 1).ShouldBe("leader 2 epoch 0 isr 2");
        _world.Machine.StateOf(new("t", 2)).ShouldBeNull();
        _world[("t"), 0].LeaderAndIsr.ControllerEpoch.ShouldBe(1);
    }

    [Fact]
    public void ANewTopic_IsToldToItsReplicasAndToAllCaches()
    {
        Start(1, 2, 3);
        _world.Create("t", [1, 2]);

        foreach (var broker in new[] { 1, 2 })
        {
            var partition = _world.Told[broker].Single().LeaderAndIsr.Single();
            partition.Partition.ShouldBe(new TopicPartition("t", 0));
            partition.State.LeaderAndIsr.Leader.ShouldBe(1);
            partition.IsNew.ShouldBeTrue();
        }

        _world.Told[3].Single().LeaderAndIsr.ShouldBeEmpty();
        _world.Told.Values.ShouldAllBe(told => !told.Single().Metadata!.IsFull && told.Single().Metadata!.Topics.Single().Topic == "t");
    }

    [Fact]
    public void ABrokerThatStarts_IsToldEverything_AndWaitingPartitionsGetALeader()
    {
        Start(1);
        _world.Create("a", [1]);
        _world.Create("b", [2]);
        _world.Told.Clear();

        _world.Start(2);

        _world.State("b", 0).ShouldBe("leader 2 epoch 0 isr 2");
        var told = _world.Told[2].Single();
        told.Metadata!.IsFull.ShouldBeTrue();
        told.Metadata.Brokers.Select(b => b.BrokerId).ShouldBe([1, 2]);
        told.Metadata.Topics.Select(t => t.Topic).ShouldBe(["a", "b"]);
        told.LeaderAndIsr.Select(p => p.Partition.Topic).ShouldBe(["b"]);
        _world.Told[1].Single().Metadata!.IsFull.ShouldBeFalse();
        _world.Told[1].Single().Metadata!.Brokers.Length.ShouldBe(2);
    }

    [Fact]
    public void ALeaderThatIsGone_IsToldThatOthersLead_InCaseItStillRuns()
    {
        Start(1, 2, 3);
        _world.Create("led", [1, 2, 3]);
        _world.Create("followed", [2, 1, 3]);
        _world.Create("alone", [1]);
        var epoch = _world.Machine.Brokers.First(broker => broker.BrokerId == 1).BrokerEpoch;
        _world.Told.Clear();

        _world.Kill(1);

        var farewell = _world.Told[1].Single();
        farewell.IsFarewell.ShouldBeTrue();
        farewell.BrokerEpoch.ShouldBe(epoch);
        farewell.LeaderAndIsr.ShouldBeEmpty();
        farewell.StopReplicas.ShouldBe([new ReplicaStop(new TopicPartition("led", 0), 1, DeletePartition: false)]);
        farewell.Metadata!.Topics.First(topic => topic.Topic == "led").Partitions.Single().State.LeaderAndIsr.Leader.ShouldBe(2);
        farewell.Metadata.Brokers.Select(broker => broker.BrokerId).ShouldBe([2, 3]);
    }

    [Fact]
    public void ALeaderThatIsGone_IsToldSoByTheNextController_IfItWasTheControllerItself()
    {
        Start(1, 2, 3);
        _world.Create("led", [1, 2, 3]);
        var epoch = _world.Machine.Brokers.First(broker => broker.BrokerId == 1).BrokerEpoch;
        _world.Silently(() => _world.Kill(1));
        _world.Told.Clear();

        _world.Elect(2);

        var farewell = _world.Told[1].Single();
        farewell.IsFarewell.ShouldBeTrue();
        farewell.BrokerEpoch.ShouldBe(epoch);
        farewell.StopReplicas.Single().Partition.ShouldBe(new TopicPartition("led", 0));
    }

    [Fact]
    public void WhenALeaderFails_TheNextInSyncReplicaLeadsInANewEpoch()
    {
        Start(1, 2, 3);
        _world.Create("t", [1, 2, 3]);
        _world.Told.Clear();

        _world.Kill(1);

        _world.State("t", 0).ShouldBe("leader 2 epoch 1 isr 2,3");
        _world.Told.Where(told => !told.Value.Exists(instruction => instruction.IsFarewell)).Select(told => told.Key).Order().ShouldBe([2, 3]);
        var partition = _world.Told[3].Single().LeaderAndIsr.Single();
        partition.OfflineReplicas.ShouldBe([1]);
        partition.IsNew.ShouldBeFalse();
    }

    [Fact]
    public void WhenAFollowerFails_ItLeavesTheIsrInANewEpoch()
    {
        Start(1, 2, 3);
        _world.Create("t", [1, 2, 3]);

        _world.Kill(2);

        _world.State("t", 0).ShouldBe("leader 1 epoch 1 isr 1,3");
    }

    [Fact]
    public void WhenAllFail_TheIsrStays_AndAnyOfItsMembersMayLeadAgain()
    {
        Start(1, 2, 3);
        _world.Create("t", [1, 2, 3]);
        _world.Kill(3);
        _world.Kill(1, 2);
        _world.State("t", 0).ShouldBe("leader -1 epoch 2 isr 1,2");

        _world.Start(3);
        _world.State("t", 0).ShouldBe("leader -1 epoch 2 isr 1,2");
        _world.Start(2);

        _world.State("t", 0).ShouldBe("leader 2 epoch 3 isr 2");
    }

    [Fact]
    public void AnUncleanLeader_IsElected_OnlyWhereTheTopicAllowsIt()
    {
        Start(1, 2);
        _world.Create("clean", [1, 2]);
        _world.Create("unclean", [1, 2]);
        _world.Kill(2);
        var unclean = ReplicationPolicy.Default with { IsUncleanElectionAllowed = true };
        _world.Policies["unclean"] = unclean;
        _world.Run(_world.Machine.OnPoliciesChanged(_world.Policies, ReplicationPolicy.Default));
        _world.Kill(1);

        _world.Start(2);

        _world.State("clean", 0).ShouldBe("leader -1 epoch 2 isr 1");
        _world.State("unclean", 0).ShouldBe("leader 2 epoch 3 isr 2");
        _world.Policies["clean"] = unclean;
        _world.Run(_world.Machine.OnPoliciesChanged(_world.Policies, ReplicationPolicy.Default));
        _world.State("clean", 0).ShouldBe("leader 2 epoch 3 isr 2");
    }

    [Fact]
    public void ABrokerThatRestartedUnseen_LosesLeadershipAndItsPlaceInTheIsr()
    {
        Start(1, 2);
        _world.Create("led", [1, 2]);
        _world.Create("followed", [2, 1]);

        _world.Start(1);

        _world.State("led", 0).ShouldBe("leader 2 epoch 1 isr 2");
        _world.State("followed", 0).ShouldBe("leader 2 epoch 1 isr 2");
        _world.SetIsr("led", 0, 2, 1);
        _world.Run(_world.Machine.OnStatesRead(new Dictionary<TopicPartition, PartitionState?> { [new("led", 0)] = _world["led", 0] }));
        _world.State("led", 0).ShouldBe("leader 2 epoch 1 isr 2,1");
    }

    [Fact]
    public void TheOnlyReplica_LeadsInANewEpoch_AfterItsRestart()
    {
        Start(1);
        _world.Create("t", [1]);

        _world.Silently(() => _world.Start(1));
        _world.Elect();

        _world.State("t", 0).ShouldBe("leader 1 epoch 1 isr 1");
        _world[("t"), 0].LeaderAndIsr.ControllerEpoch.ShouldBe(2);
        _world.Elect();
        _world.State("t", 0).ShouldBe("leader 1 epoch 1 isr 1");
    }

    [Fact]
    public void ANewController_TellsEverybodyEverything_AndChangesNothingThatIsWell()
    {
        Start(1, 2);
        _world.Create("t", [1, 2], [2, 1]);
        var before = _world.State("t", 0);
        _world.Told.Clear();

        _world.Elect(2);

        _world.State("t", 0).ShouldBe(before);
        _world.Told.Keys.Order().ShouldBe([1, 2]);
        _world.Told.Values.ShouldAllBe(told => told.Single().Metadata!.IsFull && told.Single().LeaderAndIsr.Length == 2);
    }

    [Fact]
    public void ANewController_DoesWhatTheOldOneLeftUndone()
    {
        Start(1, 2);
        _world.Create("old", [1, 2]);
        _world.Silently(() =>
        {
            _world.Create("new", [2, 1]);
            _world.Kill(1);
        });

        _world.Elect(2);

        _world.State("old", 0).ShouldBe("leader 2 epoch 1 isr 2");
        _world.State("new", 0).ShouldBe("leader 2 epoch 0 isr 2");
    }

    [Fact]
    public void AWriteThatMeetsAnIsrChange_IsDecidedAgainOnTheNewState()
    {
        Start(1, 2, 3);
        _world.Create("t", [1, 2, 3]);
        _world.BeforeWrite = () => _world.SetIsr("t", 0, 1, 3);

        _world.Kill(1);

        _world.State("t", 0).ShouldBe("leader 3 epoch 1 isr 3");
    }

    [Fact]
    public void AReplicaWhoseLogIsOffline_NeitherLeadsNorIsInSync_UntilItsBrokerRestarts()
    {
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Create("other", [1, 2]);

        _world.Run(_world.Machine.OnReplicasOffline(1, [new("t", 0), new("unknown", 0)]));

        _world.State("t", 0).ShouldBe("leader 2 epoch 1 isr 2");
        _world.State("other", 0).ShouldBe("leader 1 epoch 0 isr 1,2");
        _world.Told[2][^1].Metadata!.Topics.Single().Partitions.Single().OfflineReplicas.ShouldBe([1]);
        _world.Told.Clear();
        _world.Start(1);
        _world.Told[2][^1].Metadata!.Topics.First(t => t.Topic == "t").Partitions.Single().OfflineReplicas.ShouldBeEmpty();
    }

    [Fact]
    public void NewPartitions_GetLeaders_AndOldOnesStay()
    {
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Told.Clear();

        _world.Create("t", [1, 2], [2, 1]);

        _world.State("t", 0).ShouldBe("leader 1 epoch 0 isr 1,2");
        _world.State("t", 1).ShouldBe("leader 2 epoch 0 isr 2,1");
        _world.Told[1].Single().LeaderAndIsr.Single().Partition.Partition.ShouldBe(1);
        _world.Told[1].Single().Metadata!.Topics.Single().Partitions.Length.ShouldBe(2);
    }

    [Fact]
    public void NothingHappens_WhenNothingHasChanged()
    {
        Start(1);
        _world.Create("t", [1]);

        _world.Machine.OnBrokersChanged([.. _world.Machine.Brokers]).IsEmpty.ShouldBeTrue();
        _world.Machine.OnTopicsChanged([.. _world.Machine.Topics]).IsEmpty.ShouldBeTrue();
    }

    private void Start(params int[] brokers)
    {
        _world.Start(brokers);
        _world.Elect();
        _world.Told.Clear();
    }
}
