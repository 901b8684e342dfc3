using OrleansStream.Core.Producers;
using OrleansStream.Core.Replicas;
using OrleansStream.Simulation.Tests.Scheduling;

namespace OrleansStream.Simulation.Tests.Brokers;

/// <summary>A record: the epoch in which it was appended, and who sent it as which of its records.</summary>
internal readonly record struct SimRecord(int LeaderEpoch, long ProducerId, int Sequence);

/// <summary>A replica's log on a disk that forgets what was not flushed, or the end of it.</summary>
internal sealed class SimLog : ILeaderEpochs
{
    private readonly List<(int Epoch, long StartOffset)> _epochs = [];

    public List<SimRecord> Records { get; } = [];

    public long EndOffset => Records.Count;

    public long FlushedOffset { get; private set; }

    /// <summary>The high watermark as last written down; only a broker with an old flaw reads it.</summary>
    public long CheckpointedHighWatermark { get; set; }

    public int LatestEpoch => _epochs.Count == 0 ? -1 : _epochs[^1].Epoch;

    public void Append(SimRecord record)
    {
        if (record.LeaderEpoch < LatestEpoch)
        {
            throw new Checking.SimViolationException($"A record of epoch {record.LeaderEpoch} was appended after one of epoch {LatestEpoch}.");
        }

        if (record.LeaderEpoch > LatestEpoch)
        {
            _epochs.Add((record.LeaderEpoch, EndOffset));
        }

        Records.Add(record);
    }

    public void Flush(long offset) => FlushedOffset = Math.Max(FlushedOffset, Math.Min(offset, EndOffset));

    public void TruncateTail(long offset)
    {
        Records.RemoveRange((int)offset, Records.Count - (int)offset);
        _epochs.RemoveAll(epoch => epoch.StartOffset >= offset);
        FlushedOffset = Math.Min(FlushedOffset, offset);
        CheckpointedHighWatermark = Math.Min(CheckpointedHighWatermark, offset);
    }

    /// <summary>The power fails: of what was not flushed, a part from the beginning may be there.</summary>
    public void Crash(SimRandom random)
    {
        TruncateTail(FlushedOffset + random.Below((int)(EndOffset - FlushedOffset) + 1));
        FlushedOffset = EndOffset;
    }

    public (int Epoch, long EndOffset) EndOffsetForEpoch(int epoch)
    {
        for (var i = _epochs.Count - 1; i >= 0; i--)
        {
            if (_epochs[i].Epoch <= epoch)
            {
                return (_epochs[i].Epoch, i == _epochs.Count - 1 ? EndOffset : _epochs[i + 1].StartOffset);
            }
        }

        return (-1, -1);
    }

    /// <summary>Rebuilds what is known of producers.</summary>
    public void Replay(ProducerStateTable producers)
    {
        for (var offset = producers.EndOffset; offset < EndOffset; offset++)
        {
            producers.Replay(BatchOf(Records[(int)offset]), offset, 0);
        }
    }

    public static ProducerBatch BatchOf(SimRecord record) => new(record.ProducerId, 0, record.Sequence, 0, 0);
}

/// <summary>What outlives a broker's process.</summary>
internal sealed class SimDisk
{
    public Dictionary<TopicPartition, SimLog> Logs { get; } = [];

    /// <summary>The registration since which the logs are there; null for an empty disk.</summary>
    public long? LogsSince { get; set; }

    /// <summary>What was there when the disk was lost: what the broker had reported until then, others may still count on.</summary>
    public Dictionary<TopicPartition, SimLog> LostLogs { get; } = [];

    public void Wipe()
    {
        LostLogs.Clear();
        foreach (var (partition, log) in Logs)
        {
            LostLogs.Add(partition, log);
        }

        Logs.Clear();
        LogsSince = null;
    }
}
