using OrleansStream.Core.Producers;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Partitions;

/// <summary>Rebuilds the producer state from the batches in a log.</summary>
internal static class ProducerRecovery
{
    private const int ReadBytes = 1024 * 1024;

    /// <summary>Fills an empty table: from the snapshot beside the log, if it fits, and from what came after it.</summary>
    /// <returns>Why the snapshot could not be used; null if it was or there is none.</returns>
    public static async Task<string?> RebuildAsync(
        IPartitionLog log, ProducerStateTable producers, ProducerSnapshotFile? snapshots, long nowMs, CancellationToken cancellationToken)
    {
        var problem = snapshots is null ? null : await snapshots.ReadAsync(producers, log, cancellationToken);
        await ReplayAsync(log, producers, nowMs, cancellationToken);
        return problem;
    }

    /// <summary>Replays everything from the table's end offset to the end of the log.</summary>
    public static async Task ReplayAsync(IPartitionLog log, ProducerStateTable producers, long nowMs, CancellationToken cancellationToken)
    {
        var end = log.LogEndOffset;
        var offset = Math.Max(producers.EndOffset, log.LogStartOffset);
        while (offset < end)
        {
            var read = await log.ReadAsync(offset, end, ReadBytes, minOneMessage: true, cancellationToken);
            var next = offset;
            foreach (var header in RecordBatch.Enumerate(read.Records.Span))
            {
                // The first batch may begin before the offset asked for, when the log's start lies inside it.
                if (header.BaseOffset >= producers.EndOffset)
                {
                    producers.Replay(BatchOf(header), header.BaseOffset, nowMs);
                }

                next = header.NextOffset;
            }

            if (next == offset)
            {
                // The log's last offsets hold no batch (compaction or truncation took them).
                break;
            }

            offset = next;
        }

        if (producers.EndOffset < end)
        {
            producers.SkipTo(end);
        }
    }

    /// <summary>What the producer state needs of a batch.</summary>
    public static ProducerBatch BatchOf(in RecordBatchHeader header)
        => new(header.ProducerId, header.ProducerEpoch, header.BaseSequence, header.LastOffsetDelta, header.MaxTimestamp);
}
