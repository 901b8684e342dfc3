using OrleansStream.Core.Producers;
using OrleansStream.Core.Replicas;

namespace OrleansStream.Simulation.Tests.Brokers;

/// <summary>A replica with its open log, as long as its broker's process lives.</summary>
internal sealed class SimReplica
{
    public SimReplica(TopicPartition partition, int brokerId, ReplicaConfig config, SimLog log)
    {
        var producers = new ProducerStateTable(partition);
        log.Replay(producers);
        Log = log;
        Machine = new PartitionReplica(partition, brokerId, config, producers, logStartOffset: 0, log.EndOffset);
    }

    public PartitionReplica Machine { get; }

    public SimLog Log { get; }

    public TopicPartition Partition => Machine.TopicPartition;

    /// <summary>The produces that wait, by ticket.</summary>
    public Dictionary<long, Action<ErrorCode>> Acks { get; } = [];

    public long LastTicket { get; set; }

    public bool IsFlushing { get; set; }

    /// <summary>Grows with each leader epoch, so that the loop of the one before ends.</summary>
    public int FetchLoop { get; set; }

    public int FetchAttempt { get; set; }

    /// <summary>How far the checker has looked, and in which role and epoch.</summary>
    public (ReplicaRole Role, int LeaderEpoch, long HighWatermark) Checked { get; set; }
}
