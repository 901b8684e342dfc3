namespace OrleansStream.Core.Tests.Controller;

public class ControllerMachineDeletionTests
{
    private readonly ControllerWorld _world = new();

    [Fact]
    public void Deletion_StopsReplicasAndForgetsTheTopic_AndEndsWhenAllAreGone()
    {
        Start(1, 2);
        _world.Create("t", [1, 2], [2, 1]);
        _world.Create("stays", [1]);
        _world.Told.Clear();

        _world.Run(_world.Machine.OnDeletionRequested(["t"], isEnabled: true));

        foreach (var broker in new[] { 1, 2 })
        {
            var told = _world.Told[broker].Single();
            told.Metadata!.DeletedTopics.ShouldBe(["t"]);
            told.StopReplicas.Select(stop => stop.Partition.Partition).ShouldBe([0, 1]);
            told.StopReplicas.ShouldAllBe(stop => stop.DeletePartition && stop.LeaderEpoch == -2);
        }

        _world.Machine.IsBeingDeleted("t").ShouldBeTrue();
        Stopped(1, ErrorCode.None, 0, 1);
        Stopped(2, ErrorCode.None, 0);
        _world.RemovedTopics.ShouldBeEmpty();
        Stopped(2, ErrorCode.UnknownTopicOrPartition, 1);

        _world.RemovedTopics.ShouldBe(["t"]);
        _world.Machine.IsBeingDeleted("t").ShouldBeFalse();
        _world.Machine.Topics.Select(topic => topic.Topic).ShouldBe(["stays"]);
        _world.Machine.StateOf(new("t", 0)).ShouldBeNull();
    }

    [Fact]
    public void Deletion_WaitsForADeadBroker_AndGoesOnWhenItIsBack()
    {
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Kill(2);
        _world.Run(_world.Machine.OnDeletionRequested(["t"], isEnabled: true));
        Stopped(1, ErrorCode.None, 0);
        _world.RemovedTopics.ShouldBeEmpty();
        _world.Told.Clear();

        _world.Start(2);

        _world.Told[2].Single().StopReplicas.Single().Partition.ShouldBe(new TopicPartition("t", 0));
        _world.Told[2].Single().Metadata!.Topics.ShouldBeEmpty();
        Stopped(2, ErrorCode.None, 0);
        _world.RemovedTopics.ShouldBe(["t"]);
    }

    [Fact]
    public void Deletion_IsTriedAgainAfterARestart_WhenAReplicaCouldNotBeDeleted()
    {
        Start(1);
        _world.Create("t", [1]);
        _world.Run(_world.Machine.OnDeletionRequested(["t"], isEnabled: true));

        Stopped(1, ErrorCode.KafkaStorageError, 0);
        _world.RemovedTopics.ShouldBeEmpty();
        _world.Told.Clear();
        _world.Start(1);

        _world.Told[1].Single().StopReplicas.Length.ShouldBe(1);
        Stopped(1, ErrorCode.None, 0);
        _world.RemovedTopics.ShouldBe(["t"]);
    }

    [Fact]
    public void Deletion_IsTakenUpByTheNextController()
    {
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Marks.Add("t");
        _world.Marks.Add("never-was");
        _world.Told.Clear();

        _world.Elect(2);

        _world.RefusedDeletions.ShouldBe(["never-was"]);
        _world.Told.Values.ShouldAllBe(told => told.Single().StopReplicas.Length == 1 && told.Single().Metadata!.Topics.IsEmpty && told.Single().LeaderAndIsr.IsEmpty);
        Stopped(1, ErrorCode.None, 0);
        Stopped(2, ErrorCode.None, 0);
        _world.RemovedTopics.ShouldBe(["t"]);
    }

    [Fact]
    public void Deletion_IsRefused_WhenItIsOffOrThereIsNoSuchTopic()
    {
        Start(1);
        _world.Create("t", [1]);

        _world.Run(_world.Machine.OnDeletionRequested(["t"], isEnabled: false));
        _world.Run(_world.Machine.OnDeletionRequested(["none"], isEnabled: true));

        _world.RefusedDeletions.ShouldBe(["t", "none"]);
        _world.Machine.IsBeingDeleted("t").ShouldBeFalse();
    }

    [Fact]
    public void Deletion_LeavesLeadersAlone_WhenBrokersFailMeanwhile()
    {
        Start(1, 2);
        _world.Create("t", [1, 2]);
        _world.Run(_world.Machine.OnDeletionRequested(["t"], isEnabled: true));

        _world.Kill(1);

        _world.State("t", 0).ShouldBe("leader 1 epoch 0 isr 1,2");
    }

    [Fact]
    public void ATopicOfTheSameName_StartsAnew_AfterTheDeletion()
    {
        Start(1);
        _world.Create("t", [1]);
        _world.Run(_world.Machine.OnDeletionRequested(["t"], isEnabled: true));
        Stopped(1, ErrorCode.None, 0);
        _world.Told.Clear();

        _world.Create("t", [1], [1]);

        _world.State("t", 1).ShouldBe("leader 1 epoch 0 isr 1");
        _world.Told[1].Single().LeaderAndIsr.ShouldAllBe(partition => partition.IsNew);
    }

    private void Start(params int[] brokers)
    {
        _world.Start(brokers);
        _world.Elect();
        _world.Told.Clear();
    }

    private void Stopped(int broker, ErrorCode error, params int[] partitions)
        => _world.Run(_world.Machine.OnReplicasStopped(broker, [.. partitions.Select(p => (new TopicPartition("t", p), error))]));
}
