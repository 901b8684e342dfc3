using OrleansStream.Protocol.Records;

namespace OrleansStream.Storage.Compaction;

/// <summary>
/// Decides what compaction keeps of a batch, and makes the batch that takes its place. No I/O, no clock. Not thread-safe.
/// </summary>
/// <remarks>
/// <para>The rules are those of Kafka's cleaner. Of each key the record at the last offset stays; a tombstone stays until the
/// batch's delete horizon, which the first pass that meets it sets (KIP-534); records beyond what the map has seen stay.
/// Records of aborted transactions go, markers go once their transaction is empty and their horizon has passed.</para>
/// <para>A batch keeps its base offset, last offset delta, leader epoch, producer and sequence. One that holds a known
/// producer's last sequence numbers stays even without records, so that a retry is still recognized.</para>
/// </remarks>
/// <param name="map">The last offsets of the keys.</param>
/// <param name="transactions">What this pass knows of transactions.</param>
/// <param name="producers">The producers that the partition remembers.</param>
/// <param name="nowMs">The time, Unix milliseconds.</param>
/// <param name="deleteRetentionMs">How long a tombstone stays from now on, unless its batch has a horizon.</param>
/// <param name="lastOffset">
/// The last offset of the log: the batch that ends there stays, be it without records, so that whoever reads to the end gets there.
/// </param>
internal sealed class BatchCleaner(
    OffsetMap map,
    CleanedTransactions transactions,
    IReadOnlyDictionary<long, ActiveProducer> producers,
    long nowMs,
    long deleteRetentionMs,
    long lastOffset) : IDisposable
{
    private static readonly RecordReaderOptions ReaderOptions = new() { CheckCrc = false };

    private readonly RecordReader _reader = new(ReaderOptions);
    private readonly RecordBatchBuilder?[] _builders = new RecordBatchBuilder?[(int)CompressionType.Zstd + 1];
    private bool[] _isKept = [];
    private OwnedRecordBatch? _rewritten;

    /// <summary>Records that were looked at.</summary>
    public long RecordsRead { get; private set; }

    /// <summary>Records that stay.</summary>
    public long RecordsKept { get; private set; }

    /// <summary>Cleans a batch.</summary>
    /// <param name="batch">One batch, its CRC checked.</param>
    /// <param name="header">Its header.</param>
    /// <returns>What takes its place, valid until the next call; empty if nothing does.</returns>
    public ReadOnlyMemory<byte> Clean(ReadOnlyMemory<byte> batch, in RecordBatchHeader header)
    {
        _rewritten?.Dispose();
        _rewritten = null;
        RecordsRead += header.RecordCount;
        var staysEmpty = header.LastOffset == lastOffset || IsLastOfProducer(header);
        var isAborted = !header.IsControl && transactions.IsAborted(header);
        if (header.RecordCount == 0)
        {
            return staysEmpty ? batch : default;
        }

        _reader.Open(batch);
        var kept = 0;
        var needsHorizon = false;
        if (header.IsControl)
        {
            needsHorizon = IsMarkerOfNothing();
            kept = needsHorizon && HasPassedHorizon(header) ? 0 : KeepAll(header.RecordCount);
        }
        else if (!isAborted)
        {
            kept = Judge(header, out needsHorizon);
        }

        RecordsKept += kept;
        if (kept == 0 && !staysEmpty)
        {
            return default;
        }

        long? newHorizon = needsHorizon && !header.HasDeleteHorizon && kept > 0 ? nowMs + deleteRetentionMs : null;
        return kept == header.RecordCount && newHorizon is null ? batch : Rewrite(header, newHorizon, kept);
    }

    public void Dispose()
    {
        _rewritten?.Dispose();
        _reader.Dispose();
        foreach (var builder in _builders)
        {
            builder?.Dispose();
        }
    }

    private bool IsLastOfProducer(in RecordBatchHeader header) =>
        header.HasProducerId
        && producers.TryGetValue(header.ProducerId, out var producer)
        && (producer.LastOffset >= 0
            ? producer.LastOffset == header.LastOffset
            : header.IsControl && producer.ProducerEpoch == header.ProducerEpoch);

    private bool IsMarkerOfNothing()
    {
        _reader.TryRead(out var record);
        var isEmpty = EndTransactionMarker.TryRead(record, out var marker) && transactions.IsEmpty(_reader.Header.ProducerId, marker.Type);
        _reader.Rewind();
        return isEmpty;
    }

    private bool HasPassedHorizon(in RecordBatchHeader header) => header.HasDeleteHorizon && nowMs >= header.BaseTimestamp;

    private int KeepAll(int count)
    {
        Array.Fill(Flags(count), true, 0, count);
        return count;
    }

    /// <summary>Decides on each record of data: how many stay, and whether a tombstone is among them.</summary>
    private int Judge(in RecordBatchHeader header, out bool hasTombstone)
    {
        hasTombstone = false;
        var flags = Flags(header.RecordCount);
        var kept = 0;
        for (var i = 0; _reader.TryRead(out var record); i++)
        {
            flags[i] = IsKept(record, header);
            if (flags[i])
            {
                kept++;
                hasTombstone |= !record.Value.HasValue;
            }
        }

        return kept;
    }

    private bool IsKept(in RecordView record, in RecordBatchHeader header)
    {
        if (record.Offset > map.LatestOffset)
        {
            return true;
        }

        // Without a key a record was written while the topic was not compacted; it can never be replaced nor asked for.
        return record.Key.HasValue
            && record.Offset >= map.Get(record.Key.Span)
            && (record.Value.HasValue || !HasPassedHorizon(header));
    }

    private bool[] Flags(int count)
    {
        if (_isKept.Length < count)
        {
            _isKept = new bool[Math.Max(count, 2 * _isKept.Length)];
        }

        return _isKept;
    }

    private ReadOnlyMemory<byte> Rewrite(in RecordBatchHeader header, long? newHorizon, int kept)
    {
        var builder = _builders[(int)header.CompressionType] ??= new RecordBatchBuilder(header.CompressionType);
        builder.BeginRewrite(header, newHorizon);
        if (kept > 0)
        {
            _reader.Rewind();
            for (var i = 0; _reader.TryRead(out var record); i++)
            {
                if (_isKept[i])
                {
                    builder.AppendRewritten(record);
                }
            }
        }

        _rewritten = builder.CloseRewritten();
        return _rewritten.Memory;
    }
}
