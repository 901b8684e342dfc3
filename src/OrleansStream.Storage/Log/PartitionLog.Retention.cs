namespace OrleansStream.Storage;

/// <content>Retention by time and by size, at segment steps.</content>
public sealed partial class PartitionLog
{
    /// <inheritdoc/>
    public async ValueTask<long> ApplyRetentionAsync(long nowMs, long maxOffset, CancellationToken cancellationToken)
    {
        long start;
        lock (_gate)
        {
            ThrowIfUnusable();
            start = _config.DeleteByRetention ? RetainedFrom(nowMs, Math.Min(maxOffset, _logEnd)) : _logStart;
        }

        await TruncateHeadAsync(start, cancellationToken);
        return LogStartOffset;
    }

    /// <summary>The first offset that retention keeps.</summary>
    private long RetainedFrom(long nowMs, long maxOffset)
    {
        var geometry = _files.Geometry;
        var start = _logStart;
        var expiry = _config.RetentionMs < 0 ? long.MinValue : nowMs - _config.RetentionMs;
        var last = geometry.SegmentOf(_tail);
        if (!IsCompactedPartDropped(expiry, maxOffset, ref start))
        {
            return start;
        }

        for (var segment = _firstSegment; segment < last; segment++)
        {
            var isExpired = IsExpired(_index.MaxTimestampOf(segment), expiry);
            var isSurplus = _config.RetentionBytes >= 0 && _tail - geometry.SegmentStart(segment + 1) >= _config.RetentionBytes;
            var next = _index.CeilingByAddress(geometry.SegmentStart(segment + 1));
            if (!(isExpired || isSurplus) || next == _index.Count || _index[next].Offset > maxOffset)
            {
                return start;
            }

            start = Math.Max(start, _index[next].Offset);
        }

        // The segment that is being written cannot be freed, but records that have all expired need not be shown:
        // otherwise those of a slow topic would outlive their time until the segment is full.
        return IsExpired(_index.MaxTimestampOf(last), expiry) ? Math.Max(start, maxOffset) : start;
    }

    /// <summary>Goes over the segments of the compacted part, which come first; false if one of them stays.</summary>
    private bool IsCompactedPartDropped(long expiry, long maxOffset, ref long start)
    {
        if (_part is not { SizeBytes: > 0 } part)
        {
            return true;
        }

        var geometry = part.Files.Geometry;
        var tailBytes = _tail - TailStart;
        for (var segment = part.Manifest.FirstSegment; segment < part.EndSegment; segment++)
        {
            var end = Math.Min(part.EndAddress, geometry.SegmentStart(segment + 1));
            var isExpired = IsExpired(part.Index.MaxTimestampOf(segment), expiry);
            var isSurplus = _config.RetentionBytes >= 0 && part.EndAddress - end + tailBytes >= _config.RetentionBytes;
            var next = part.Index.CeilingByAddress(end);
            var nextOffset = next < part.Index.Count ? part.Index[next].Offset : part.EndOffset;
            if (!(isExpired || isSurplus) || nextOffset > maxOffset)
            {
                return false;
            }

            start = Math.Max(start, nextOffset);
        }

        return true;
    }

    private static bool IsExpired(long maxTimestamp, long expiry) => maxTimestamp >= 0 && maxTimestamp < expiry;
}
