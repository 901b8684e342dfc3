using OrleansStream.Core.Controller;
using OrleansStream.Core.Replicas;
using OrleansStream.Simulation.Tests.Brokers;

namespace OrleansStream.Simulation.Tests;

/// <summary>The traps that replication by a leader is known for, one by one. The invariants are checked in each, as in the random runs.</summary>
public sealed class ScenarioTests
{
    private static readonly TopicPartition Partition = new(SimCluster.Topic, 0);

    /// <summary>KIP-101, the first scenario: a follower that has a record but not yet the news that it is committed restarts, and then leads.</summary>
    [Fact]
    public void RecordStays_WhenAFollowerRestartsBeforeItLearnsTheHighWatermarkAndThenLeads()
    {
        var cluster = Calm(minInSync: 2);
        var leader = Leader(cluster);
        var follower = cluster.BrokerOf(cluster.StateOf(Partition).LeaderAndIsr.Isr.First(id => id != leader.Id));
        cluster.RunUntil(() => cluster.Checker.CommittedOf(Partition).Count > follower.Replicas[Partition].Machine.HighWatermark, "a record is committed that the follower does not know to be");
        follower.Crash();
        follower.Start();
        cluster.RunUntil(() => follower.Replicas.ContainsKey(Partition), "the follower is back");
        leader.Crash();

        Recover(cluster, leader);
    }

    /// <summary>KIP-101, the second scenario: both lose power; the one that comes back first leads and writes other records to the same offsets.</summary>
    [Fact]
    public void LogsAgree_WhenAllLosePowerAndTheLeaderComesBackLast()
    {
        var cluster = Calm(minInSync: 1);
        var leader = Leader(cluster);
        foreach (var broker in cluster.Brokers)
        {
            broker.Crash();
        }

        foreach (var broker in cluster.Brokers.Where(broker => broker != leader))
        {
            broker.Start();
        }

        cluster.Run(400);
        Recover(cluster, leader);
        LogsAreEqual(cluster);
    }

    /// <summary>KIP-279: leadership goes to and fro faster than followers fetch, so that epochs exist on one replica only.</summary>
    [Fact]
    public void LogsAgree_WhenLeadershipFailsOverTwiceInARow()
    {
        var cluster = Calm(minInSync: 1);
        for (var round = 0; round < 4; round++)
        {
            var leader = Leader(cluster);
            foreach (var other in cluster.Brokers.Where(broker => broker != leader))
            {
                cluster.Network.Cut(leader.Id, other.Id);
            }

            cluster.Run(30);
            leader.Crash();
            cluster.Network.MendAll();
            cluster.After(15, leader.Start);
            cluster.RunUntil(() => cluster.LeaderOf(Partition) is not null, "somebody leads again");
        }

        Recover(cluster);
        LogsAreEqual(cluster);
    }

    /// <summary>A leader that stands still while another is elected goes on as if nothing had happened.</summary>
    [Fact]
    public void ZombieLeader_CommitsNothing_WhenAnotherWasElected()
    {
        var cluster = Calm(minInSync: 2);
        var zombie = Leader(cluster);
        zombie.PausedUntilMs = cluster.NowMs + 250;
        cluster.RunUntil(() => cluster.LeaderOf(Partition) is { } leader && leader.Machine.BrokerId != zombie.Id, "another leads");
        var records = zombie.Replicas[Partition].Log.EndOffset;
        zombie.Replicas[Partition].Machine.Role.ShouldBe(ReplicaRole.Leader, "it has heard nothing yet");

        Recover(cluster);
        zombie.Replicas[Partition].Machine.Role.ShouldBe(ReplicaRole.Follower);
        zombie.Replicas[Partition].Log.EndOffset.ShouldBeGreaterThan(records);
    }

    /// <summary>A controller that stands still while another is elected goes on as if nothing had happened.</summary>
    [Fact]
    public void ZombieController_IsFenced_WhenAnotherWasElected()
    {
        var cluster = Calm(minInSync: 2);
        var zombie = cluster.BrokerOf(cluster.Store.ControllerId!.Value);
        var term = zombie.Term!;
        zombie.PausedUntilMs = cluster.NowMs + 200;
        cluster.RunUntil(() => cluster.Store.ControllerId is { } id && id != zombie.Id, "another controls");
        cluster.Run(60);
        term.Request(machine => machine.ElectLeaders(LeaderElectionKind.Preferred, null).Step);

        Recover(cluster);
        zombie.Term.ShouldNotBe(term);
    }

    /// <summary>KIP-380: a broker restarts so fast that requests for its last life reach the next one.</summary>
    [Fact]
    public void BouncedBroker_LeadsInANewEpoch_WhenItComesBackBeforeItWasMissed()
    {
        var cluster = Calm(minInSync: 1);
        var leader = Leader(cluster);
        var epoch = cluster.StateOf(Partition).LeaderAndIsr.LeaderEpoch;
        for (var i = 0; i < 3; i++)
        {
            leader.Crash();
            leader.Start();
            cluster.Run(40);
        }

        Recover(cluster);
        cluster.StateOf(Partition).LeaderAndIsr.LeaderEpoch.ShouldBeGreaterThan(epoch);
    }

    /// <summary>KIP-966: the last of the ISR loses its disk. One that left the ISR before holds everything committed, and leads.</summary>
    [Fact]
    public void EligibleReplica_Leads_WhenTheLastInSyncReplicaLosesItsDisk()
    {
        var cluster = Calm(minInSync: 2);
        var leader = Leader(cluster);
        foreach (var other in cluster.Brokers.Where(broker => broker != leader))
        {
            cluster.Network.Cut(leader.Id, other.Id);
        }

        cluster.RunUntil(() => cluster.StateOf(Partition).LeaderAndIsr is { Isr.Length: 1, Elr.Length: > 0 }, "the leader stands alone");
        leader.Crash();
        leader.Disk.Wipe();
        leader.Start();
        cluster.Network.MendAll();

        Recover(cluster);
        cluster.Checker.CommittedOf(Partition).Count.ShouldBeGreaterThan(0);
    }

    /// <summary>KIP-966: the only holder of committed records loses its disk. Nobody leads, rather than one without them.</summary>
    [Fact]
    public void NobodyLeads_WhenTheOnlyCopyIsLost()
    {
        var cluster = Calm(minInSync: 1);
        var leader = Leader(cluster);
        foreach (var other in cluster.Brokers.Where(broker => broker != leader))
        {
            cluster.Network.Cut(leader.Id, other.Id);
        }

        cluster.RunUntil(() => cluster.StateOf(Partition).LeaderAndIsr.Isr is [var last] && last == leader.Id, "the leader stands alone");
        var alone = cluster.Checker.CommittedOf(Partition).Count;
        cluster.RunUntil(() => cluster.Checker.CommittedOf(Partition).Count > alone, "it commits alone");
        leader.Crash();
        leader.Disk.Wipe();
        leader.Start();
        cluster.Network.MendAll();

        cluster.Run(600);
        cluster.StateOf(Partition).LeaderAndIsr.Leader.ShouldBe(LeaderAndIsr.NoLeader);
    }

    /// <summary>
    /// A reassignment ends, and before the controller has heard of its own word everybody else stops. Had it elected the one that was moved away,
    /// the only one in sync would be none of the replicas, and nobody could ever lead.
    /// </summary>
    [Fact]
    public void MovedReplica_IsNotElected_WhenTheOthersStopAsTheReassignmentEnds()
    {
        var (cluster, moved, target) = StopOthersAsAReassignmentEnds(Flaws.None);

        cluster.StateOf(Partition).LeaderAndIsr.Leader.ShouldBeOneOf(target);
        cluster.StateOf(Partition).LeaderAndIsr.Isr.ShouldNotContain(moved);
    }

    internal static (SimCluster Cluster, int Moved, int[] Target) StopOthersAsAReassignmentEnds(Flaws flaws)
    {
        var cluster = Calm(minInSync: 1, brokers: 4, flaws);
        var topic = cluster.Store.Topics[0];
        var current = topic.Partitions[0];
        var moved = Leader(cluster).Id;
        int[] target = [.. Enumerable.Range(1, 4).Where(id => id != moved)];
        cluster.Store.SetTopics([topic with
        {
            Partitions = [ReassignmentPlanner.Begin(Partition, current, cluster.StateOf(Partition).LeaderAndIsr.Isr, [.. target], Enumerable.Range(1, 4).ToHashSet()).Value],
        }]);
        cluster.RunUntil(() => !cluster.Store.Topics[0].Partitions[0].IsBeingReassigned, "the replicas have moved");

        var term = cluster.BrokerOf(cluster.Store.ControllerId!.Value).Term!;
        foreach (var id in target)
        {
            term.Request(machine => machine.ShutDownBroker(id, long.MaxValue) is { IsSuccess: true } outcome ? outcome.Value : ControllerStep.Nothing);
        }

        cluster.Run(100);
        return (cluster, moved, target);
    }

    private static SimCluster Calm(int minInSync, int brokers = 3, Flaws flaws = Flaws.None)
    {
        var cluster = new SimCluster(42, new SimOptions { Brokers = brokers, MinInSyncReplicas = minInSync, LossOneIn = 0, LateOneIn = 0, Flaws = flaws });
        cluster.Start();
        cluster.RunUntil(
            () => cluster.LeaderOf(Partition) is { } leader && leader.Machine.Isr.Count == 3 && cluster.Checker.CommittedOf(Partition).Count > 5,
            "three in sync and records committed");
        return cluster;
    }

    private static SimBroker Leader(SimCluster cluster) => cluster.BrokerOf(cluster.LeaderOf(Partition)!.Machine.BrokerId);

    private static void Recover(SimCluster cluster, SimBroker? down = null)
    {
        cluster.Network.MendAll();
        var committed = cluster.Checker.CommittedOf(Partition).Count;
        if (down is not null)
        {
            cluster.RunUntil(() => cluster.LeaderOf(Partition) is not null || cluster.StateOf(Partition).LeaderAndIsr.Leader == LeaderAndIsr.NoLeader, "somebody leads, or nobody can");
            down.Start();
        }

        cluster.RunUntil(
            () => cluster.LeaderOf(Partition) is { } leader && leader.Machine.Isr.Count == 3 && cluster.Checker.CommittedOf(Partition).Count > committed + 3,
            "all are in sync and records are committed again");
    }

    private static void LogsAreEqual(SimCluster cluster)
    {
        foreach (var producer in cluster.Producers)
        {
            producer.IsStopped = true;
        }

        cluster.RunUntil(() => cluster.Producers.All(producer => producer.IsIdle), "every record is acknowledged");
        var logs = cluster.Brokers.Select(broker => broker.Disk.Logs[Partition].Records).ToArray();
        cluster.RunUntil(() => logs.All(log => log.SequenceEqual(logs[0])), "all logs are the same");
    }
}
