using OrleansStream.Protocol.Records;

namespace OrleansStream.Storage;

/// <content>Looking records up by their timestamps.</content>
public sealed partial class PartitionLog
{
    private const int ScanBytes = 256 * 1024;

    /// <inheritdoc/>
    public async ValueTask<TimestampOffset?> FindOffsetByTimestampAsync(long timestamp, long maxOffset, CancellationToken cancellationToken)
    {
        using var reader = new RecordReader();
        var from = 0L;
        while (true)
        {
            long blockStart;
            long blockEnd;
            lock (_gate)
            {
                ThrowIfUnusable();
                if (FindBlock(timestamp, Math.Max(from, _logStart)) is not { } block)
                {
                    return null;
                }

                (blockStart, blockEnd) = block;
            }

            for (var offset = blockStart; offset < blockEnd;)
            {
                var result = await ReadAsync(offset, maxOffset, ScanBytes, minOneMessage: true, cancellationToken);
                if (result.Status != LogReadStatus.Ok || result.Records.Length == 0)
                {
                    return null;
                }

                foreach (var batch in RecordBatch.Enumerate(result.Records))
                {
                    offset = batch.Header.NextOffset;
                    if (batch.Header.MaxTimestamp >= timestamp && FindInBatch(reader, batch, timestamp, blockStart) is { } found)
                    {
                        return found.Offset < maxOffset ? found : null;
                    }
                }
            }

            from = Math.Max(blockEnd, from + 1);
            if (from >= Math.Min(maxOffset, LogEndOffset))
            {
                return null;
            }
        }
    }

    private static TimestampOffset? FindInBatch(RecordReader reader, in RecordBatch batch, long timestamp, long minOffset)
    {
        if (batch.Header.TimestampType == TimestampType.LogAppendTime && batch.Header.RecordCount > batch.Header.LastOffsetDelta)
        {
            return new TimestampOffset(Math.Max(batch.Header.BaseOffset, minOffset), batch.Header.MaxTimestamp, batch.Header.PartitionLeaderEpoch);
        }

        reader.Open(batch.Memory);
        while (reader.TryRead(out var record))
        {
            if (record.TimestampMs >= timestamp && record.Offset >= minOffset)
            {
                return new TimestampOffset(record.Offset, record.TimestampMs, batch.Header.PartitionLeaderEpoch);
            }
        }

        return null;
    }

    /// <summary>The largest timestamp of the batches between two offsets, and the last offset of a batch that has it.</summary>
    private async ValueTask<(long Timestamp, long Offset)> MaxTimestampBetweenAsync(long start, long end, CancellationToken cancellationToken)
    {
        List<(long Start, long End, long Bound)> blocks;
        lock (_gate)
        {
            ThrowIfUnusable();
            blocks = BlocksBetween(start, end);
        }

        // A block's timestamp is an upper bound: blocks are read, the most promising first, until no bound is above what was found.
        (long Timestamp, long Offset) max = (-1, -1);
        foreach (var block in blocks.OrderByDescending(block => block.Bound))
        {
            if (block.Bound <= max.Timestamp)
            {
                break;
            }

            var found = await MaxTimestampOfAsync(block.Start, block.End, cancellationToken);
            if (found.Timestamp > max.Timestamp)
            {
                max = found;
            }
        }

        return max;
    }

    private async ValueTask<(long Timestamp, long Offset)> MaxTimestampOfAsync(long offset, long endOffset, CancellationToken cancellationToken)
    {
        (long Timestamp, long Offset) max = (-1, -1);
        while (offset < endOffset)
        {
            var result = await ReadAsync(offset, endOffset, ScanBytes, minOneMessage: true, cancellationToken);
            if (result.Status != LogReadStatus.Ok || result.Records.Length == 0)
            {
                break;
            }

            foreach (var batch in RecordBatch.Enumerate(result.Records))
            {
                offset = batch.Header.NextOffset;
                if (batch.Header.MaxTimestamp > max.Timestamp)
                {
                    max = (batch.Header.MaxTimestamp, batch.Header.LastOffset);
                }
            }
        }

        return max;
    }
}
