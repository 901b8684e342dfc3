using OrleansStream.Core.Controller;
using OrleansStream.Simulation.Tests.Brokers;
using OrleansStream.Simulation.Tests.Store;

namespace OrleansStream.Simulation.Tests;

/// <summary>Faults at random: kills, lost disks, standstills, cut links, clocks that jump, controlled shutdowns, elections and reassignments.</summary>
internal sealed class Chaos(SimCluster cluster, SimOptions options)
{
    private bool _isOver;

    /// <summary>Runs a seed: faults for a while, then none until everything has come back and all producers are done.</summary>
    public static SimCluster Run(long seed, SimOptions options)
    {
        var cluster = new SimCluster(seed, options);
        try
        {
            cluster.Start();
            cluster.Run(80);
            var chaos = new Chaos(cluster, options);
            chaos.Next();
            cluster.Run(options.ChaosMs);
            chaos.End();
            cluster.RunUntil(() => cluster.Partitions.All(chaos.IsHealthy), "every partition has a leader and all replicas in sync");
            foreach (var producer in cluster.Producers)
            {
                producer.IsStopped = true;
            }

            cluster.RunUntil(() => cluster.Producers.All(producer => producer.IsIdle), "every record that was sent is acknowledged");
            cluster.RunUntil(
                () => cluster.Consumers.All(consumer => consumer.Records.Count == cluster.Checker.CommittedOf(consumer.Partition).Count)
                    && cluster.Partitions.All(chaos.IsHealthy),
                "every committed record is read");
            cluster.Checker.CheckEnd();
            return cluster;
        }
        catch (Exception exception)
        {
            throw new SimFailedException(seed, options, exception, cluster.LogText);
        }
    }

    private void Next()
    {
        if (options.FaultEveryMs > 0)
        {
            cluster.After(cluster.Random.Between(5, options.FaultEveryMs), () =>
            {
                if (!_isOver)
                {
                    Happen();
                    Next();
                }
            });
        }
    }

    private void Happen()
    {
        var broker = cluster.Random.OneIn(3) && cluster.LeaderOf(cluster.Random.Pick(cluster.Partitions)) is { } leader
            ? cluster.BrokerOf(leader.Machine.BrokerId)
            : cluster.Random.Pick(cluster.Brokers);
        var other = cluster.Random.Pick(cluster.Brokers);
        var duration = cluster.Random.Between(10, 150);
        if (options.RemovesLiving && cluster.Random.OneIn(5))
        {
            cluster.Log(() => $"-- broker {broker.Id} is taken for dead");
            cluster.Store.Remove(broker.Id);
            return;
        }

        switch (cluster.Random.Below(options.AllowsReassignment ? 12 : 11))
        {
            case 0 or 1 when broker.IsUp:
                cluster.Log(() => $"-- broker {broker.Id} is killed");
                broker.Crash();
                Restart(broker, duration);
                break;
            case 2 when broker.IsUp && CanLose(broker):
                cluster.Log(() => $"-- broker {broker.Id} loses its disk");
                broker.Crash();
                broker.Disk.Wipe();
                Restart(broker, duration);
                break;
            case 3 when broker.IsUp:
                cluster.Log(() => $"-- broker {broker.Id} stands still for {duration} ms");
                broker.PausedUntilMs = cluster.NowMs + duration;
                break;
            case 4 when broker != other:
                cluster.Log(() => $"-- brokers {broker.Id} and {other.Id} are cut off from each other for {duration} ms");
                cluster.Network.Cut(broker.Id, other.Id);
                cluster.After(duration, () => cluster.Network.Mend(broker.Id, other.Id));
                break;
            case 5 or 6:
                cluster.Log(() => $"-- broker {broker.Id} is cut off from the store for {duration} ms");
                cluster.Network.Cut(broker.Id, SimStore.StoreId);
                cluster.After(duration, () => cluster.Network.Mend(broker.Id, SimStore.StoreId));
                break;
            case 7 when cluster.Store.ControllerId is { } controller && cluster.BrokerOf(controller).IsUp:
                cluster.Log(() => $"-- controller {controller} stands still for {duration} ms");
                cluster.BrokerOf(controller).PausedUntilMs = cluster.NowMs + duration;
                break;
            case 8 when broker is { IsUp: true, IsShuttingDown: false } && ControllerTerm() is { } term:
                cluster.Log(() => $"-- broker {broker.Id} shuts down");
                broker.IsShuttingDown = true;
                var life = broker.Life;
                term.Request(machine => machine.ShutDownBroker(broker.Id, broker.BrokerEpoch) is { IsSuccess: true } outcome ? outcome.Value : ControllerStep.Nothing);
                cluster.Network.Post(broker, 40, () =>
                {
                    if (broker.Life == life)
                    {
                        broker.Stop();
                        Restart(broker, duration);
                    }
                });
                break;
            case 9:
                ControllerTerm()?.Request(machine => machine.ElectLeaders(LeaderElectionKind.Preferred, null).Step);
                break;
            case 10:
                cluster.Log(() => $"-- the clock of broker {broker.Id} jumps");
                broker.ClockSkewMs = cluster.Random.Between(0, 200) - 100;
                break;
            case 11:
                Reassign(cluster.Random.Pick(cluster.Partitions));
                break;
        }
    }

    /// <summary>
    /// A disk is only lost when the others hold everything: no system survives the loss of every copy. With a minimum of one, that
    /// one may be the only copy of what it commits a moment later.
    /// </summary>
    private bool CanLose(SimBroker broker)
        => options.MinInSyncReplicas > 1 && cluster.Partitions.All(partition =>
        {
            if (!cluster.Store.States.TryGetValue(partition, out var state))
            {
                return false;
            }

            var committed = cluster.Checker.CommittedOf(partition).Count;
            var assignment = cluster.Store.Topics[0].Partitions[partition.Partition];
            return !assignment.IsBeingReassigned
                && assignment.Replicas.All(replica => state.LeaderAndIsr.Isr.Contains(replica)
                    && cluster.BrokerOf(replica).Disk is { LogsSince: { } since } disk
                    && since <= state.LeaderAndIsr.BrokerEpochs.GetValueOrDefault(replica)
                    && (replica == broker.Id || (disk.Logs.TryGetValue(partition, out var log) && log.FlushedOffset >= committed)));
        });

    private void Reassign(TopicPartition partition)
    {
        var topic = cluster.Store.Topics[0];
        var current = topic.Partitions[partition.Partition];
        var isr = cluster.Store.States.GetValueOrDefault(partition)?.LeaderAndIsr.Isr;
        if (current.IsBeingReassigned)
        {
            // Called off only while the others could be lost without loss: a leader may go on to drop them from the ISR until it hears of it.
            if (options.MinInSyncReplicas > 1 && cluster.Random.OneIn(2)
                && isr is { } inSync && current.Replicas.Except(current.AddingReplicas).All(inSync.Contains)
                && ReassignmentPlanner.Cancel(partition, current, isr) is { IsSuccess: true } cancelled)
            {
                cluster.Log(() => $"-- the reassignment of {partition} is called off");
                Set(topic, partition, cancelled.Value);
            }

            return;
        }

        var first = cluster.Random.Below(cluster.Brokers.Length);
        int[] target = [.. Enumerable.Range(0, 3).Select(i => 1 + ((first + i) % cluster.Brokers.Length))];
        cluster.Log(() => $"-- {partition} moves to {string.Join(",", target)}");
        Set(topic, partition, ReassignmentPlanner.Begin(partition, current, isr, [.. target], cluster.Brokers.Select(broker => broker.Id).ToHashSet()).Value);
    }

    private void Set(TopicAssignment topic, TopicPartition partition, ReplicaAssignment assignment)
        => cluster.Store.SetTopics([topic with { Partitions = topic.Partitions.SetItem(partition.Partition, assignment) }]);

    private SimController? ControllerTerm() => cluster.Store.ControllerId is { } id ? cluster.BrokerOf(id).Term : null;

    private void Restart(SimBroker broker, long delayMs)
        => cluster.After(delayMs, () =>
        {
            if (!broker.IsUp)
            {
                cluster.Log(() => $"-- broker {broker.Id} starts again");
                broker.Start();
            }
        });

    private void End()
    {
        cluster.Log(() => "-- no more faults");
        _isOver = true;
        cluster.Network.MendAll();
        cluster.Network.LossOneIn = 0;
        cluster.Network.LateOneIn = 0;
        foreach (var broker in cluster.Brokers)
        {
            broker.PausedUntilMs = 0;
            broker.ClockSkewMs = 0;
            if (!broker.IsUp)
            {
                broker.Start();
            }
        }
    }

    private bool IsHealthy(TopicPartition partition)
    {
        if (cluster.LeaderOf(partition) is not { } leader)
        {
            return false;
        }

        var assignment = cluster.Store.Topics[0].Partitions[partition.Partition];
        return !assignment.IsBeingReassigned && assignment.Replicas.All(leader.Machine.Isr.Contains) && cluster.Brokers.All(broker => broker is { IsUp: true, IsShuttingDown: false })
            && leader.Machine.HighWatermark == leader.Log.EndOffset;
    }
}

/// <summary>A run failed: the seed says how to see it again.</summary>
internal sealed class SimFailedException(long seed, SimOptions options, Exception cause, string log)
    : Exception($"Seed {seed} with {options}: {cause.Message}{(log.Length == 0 ? "" : "\n" + log)}", cause)
{
    /// <summary>What went wrong, in one line.</summary>
    public string Reason => InnerException!.Message;
}
