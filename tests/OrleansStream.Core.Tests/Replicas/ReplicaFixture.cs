using OrleansStream.Core.Producers;
using OrleansStream.Core.Replicas;

namespace OrleansStream.Core.Tests.Replicas;

/// <summary>A replica on broker 1 and the shortest ways to talk to it.</summary>
internal sealed class ReplicaFixture
{
    public const long Now = 1_700_000_000_000;

    public static readonly TopicPartition Partition = new("orders", 0);

    public ReplicaFixture(ReplicaConfig? config = null, long logStart = 0, long logEnd = 0)
        => Replica = new PartitionReplica(
            Partition, brokerId: 1, config ?? ReplicaConfig.Default, new ProducerStateTable(Partition), logStart, logEnd);

    public PartitionReplica Replica { get; }

    public static ProduceCommand Command(
        int records = 1, short acks = -1, int size = 100, long producerId = -1, int sequence = -1, long timestamp = Now, long now = Now)
        => new(
            new ProducerBatch(producerId, producerId < 0 ? (short)-1 : (short)0, sequence, records - 1, timestamp),
            size,
            IsTransactional: false,
            acks,
            now);

    public static PartitionLeadership State(int leader, int leaderEpoch, int[] replicas, int[] isr, int partitionEpoch = 0, int controllerEpoch = 1)
        => new(controllerEpoch, leader, leaderEpoch, partitionEpoch, replicas, isr);

    public ReplicaFixture Leading(int leaderEpoch = 0, int[]? replicas = null, int[]? isr = null)
    {
        var transition = Replica.BecomeLeader(State(1, leaderEpoch, replicas ?? [1], isr ?? replicas ?? [1]), Now);
        transition.Error.ShouldBe(ErrorCode.None, transition.Message);
        return this;
    }

    /// <summary>Appends as the grain does.</summary>
    public ReplicaEffects Append(in ProduceCommand command)
    {
        var decision = Replica.DecideProduce(command);
        decision.Kind.ShouldBe(ProduceDecisionKind.Append, decision.Message);
        return Replica.OnAppended(command.Producer, decision.BaseOffset, command.NowMs);
    }

    public ReplicaEffects Append(int records = 1) => Append(Command(records));
}

internal static class ReplicaTestExtensions
{
    /// <summary>A fetch of a follower whose log holds nothing that the leader could compare, and all of it flushed.</summary>
    public static FollowerFetchDecision OnFollowerFetch(this PartitionReplica replica, int brokerId, int leaderEpoch, long flushed, long nowMs)
        => replica.OnFollowerFetch(
            new ReplicaFetch(brokerId, BrokerEpoch: 0, leaderEpoch, flushed, LastFetchedEpoch: -1, flushed), new EpochList(), nowMs);
}

/// <summary>The epochs of a log that exists only as their list.</summary>
internal sealed class EpochList(params (int Epoch, long EndOffset)[] epochs) : ILeaderEpochs
{
    public int LatestEpoch => epochs.Length == 0 ? -1 : epochs[^1].Epoch;

    public (int Epoch, long EndOffset) EndOffsetForEpoch(int epoch)
        => epochs.Where(entry => entry.Epoch <= epoch).DefaultIfEmpty((-1, -1)).Last();
}
