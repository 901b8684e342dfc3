using OrleansStream.Core.Replicas;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Grains.Partitions;

/// <content>What the cleaner may do with this replica's log.</content>
internal sealed partial class OpenReplica
{
    /// <summary>For the cleaner, from any thread; null if the log cannot be compacted.</summary>
    public ICompactionTarget? Compaction { get; }

    /// <summary>The bound of a pass, in a turn of the grain.</summary>
    private CompactionRequest? PrepareCompaction()
    {
        if (_isClosing || Settings.Log.Compaction is null || Replica.Role is ReplicaRole.Offline or ReplicaRole.Unassigned)
        {
            return null;
        }

        return new CompactionRequest(
            Replica.LastStableOffset,
            NowMs,
            Replica.Producers.Describe().ToDictionary(
                producer => producer.ProducerId, producer => new ActiveProducer(producer.LastOffset, producer.ProducerEpoch)));
    }

    private sealed class CompactionTarget(OpenReplica replica, ICompactableLog log) : ICompactionTarget
    {
        public ICompactableLog Log => log;

        public Task<CompactionRequest?> PrepareAsync(CancellationToken cancellationToken)
            => replica.Settings.Log.Compaction is null
                ? Task.FromResult<CompactionRequest?>(null)
                : Task.Factory.StartNew(replica.PrepareCompaction, cancellationToken, TaskCreationOptions.DenyChildAttach, replica._turns);
    }
}
