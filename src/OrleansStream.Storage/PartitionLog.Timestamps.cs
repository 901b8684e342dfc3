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
                var position = _index.FindByTimestamp(timestamp, Math.Max(_index.FloorByOffset(Math.Max(from, _logStart)), 0));
                if (position < 0)
                {
                    return null;
                }

                blockStart = Math.Max(_index[position].Offset, Math.Max(from, _logStart));
                blockEnd = position + 1 < _index.Count ? _index[position + 1].Offset : _logEnd;
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
        if (batch.Header.TimestampType == TimestampType.LogAppendTime)
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

    /// <summary>The largest timestamp below an offset, and the last offset of the first batch that has it.</summary>
    private async ValueTask<(long Timestamp, long Offset)> MaxTimestampBelowAsync(long endOffset, CancellationToken cancellationToken)
    {
        // The last block may reach beyond the offset, so its timestamp is an upper bound only: it is read.
        long lastBlock;
        long bestBlock = -1;
        long bestTimestamp = -1;
        long start;
        lock (_gate)
        {
            ThrowIfUnusable();
            start = _logStart;
            var last = _index.FloorByOffset(endOffset - 1);
            if (last < 0 || endOffset <= start)
            {
                return (-1, -1);
            }

            lastBlock = Math.Max(_index[last].Offset, start);
            for (var position = Math.Max(0, _index.FloorByOffset(start)); position < last; position++)
            {
                if (_index[position].MaxTimestamp > bestTimestamp)
                {
                    bestTimestamp = _index[position].MaxTimestamp;
                    bestBlock = Math.Max(_index[position].Offset, start);
                }
            }
        }

        var inLast = await MaxTimestampOfAsync(lastBlock, endOffset, cancellationToken);
        if (bestBlock < 0 || inLast.Timestamp > bestTimestamp)
        {
            return inLast;
        }

        var inBest = await MaxTimestampOfAsync(bestBlock, lastBlock, cancellationToken);
        return inBest.Timestamp >= inLast.Timestamp ? inBest : inLast;
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
