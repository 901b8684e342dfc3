using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Reading;

/// <summary>Reads batches from the files.</summary>
internal static class RangeReader
{
    /// <summary>
    /// Reads the file once, sequentially, and moves the batches together in the same array: the disk's bytes are copied
    /// once more, within the cache, and not again.
    /// </summary>
    public static FoundBatches Read(in ReadPlan plan, out long reached)
    {
        var geometry = plan.Files.Geometry;
        var limit = plan.DiskLimit;
        var start = plan.Address;
        var size = Math.Min(limit - start, EntryParser.RawBytesFor(geometry, plan.MaxBytes) + (long)SparseIndex.MinIntervalBytes);
        while (true)
        {
            var raw = GC.AllocateUninitializedArray<byte>((int)size);
            var read = plan.Files.Read(start, raw);
            if (read < raw.Length)
            {
                throw new InvalidDataException($"{plan.Files.PathOf(geometry.SegmentOf(start + read))} ends at address {start + read}, before the log's durable end {limit}");
            }

            var collector = new BatchCollector(plan, raw);
            var parser = new EntryParser(geometry, raw, start, -1, verifyBatches: true);
            var status = collector.Collect(ref parser, limit);
            reached = parser.Address;
            if (status is ParseStatus.Damaged or ParseStatus.End)
            {
                throw new DamagedLogException(plan.Files, parser.Address, status == ParseStatus.End ? "nothing was written there" : parser.Damage.Reason);
            }

            if (status == ParseStatus.Entry || collector.Count > 0)
            {
                return collector.Result();
            }

            if (start + size >= limit && reached == start)
            {
                // The batch reaches beyond what may be read, which is right while it is not flushed as a whole.
                return limit > plan.FlushedAddress ? default : throw new DamagedLogException(plan.Files, reached, "a batch reaches beyond the log's end");
            }

            start = reached;
            size = Math.Min(limit - start, Math.Max(size, parser.NeededBytes));
            if (size <= 0)
            {
                return default;
            }
        }
    }

    /// <summary>Takes the batches that a read wants from a parsed range to the front of the range.</summary>
    private struct BatchCollector(in ReadPlan plan, byte[] raw)
    {
        private readonly ReadPlan _plan = plan;
        private int _length;
        private long _firstAddress;
        private long _nextOffset;
        private long _nextAddress;
        private bool _isAtEnd;

        public int Count { get; private set; }

        public ParseStatus Collect(ref EntryParser parser, long limit)
        {
            while (parser.Address < limit)
            {
                var status = parser.Next(out var entry);
                if (status != ParseStatus.Entry)
                {
                    return status;
                }

                if (_plan.Voids.Contains(entry.Address, out var until))
                {
                    parser.SkipTo(Math.Min(until, limit));
                    continue;
                }

                if (entry.Kind == EntryKind.Batch && !Take(entry))
                {
                    _isAtEnd = true;
                    return ParseStatus.Entry;
                }
            }

            return ParseStatus.Entry;
        }

        public readonly FoundBatches Result()
        {
            if (Count == 0)
            {
                return new FoundBatches(default, 0, 0, 0, _isAtEnd);
            }

            // A small result must not keep a large array alive.
            var records = _length < raw.Length / 2 ? raw.AsSpan(0, _length).ToArray() : raw.AsMemory(0, _length);
            return new FoundBatches(records, _firstAddress, _nextOffset, _nextAddress, _isAtEnd);
        }

        private bool Take(in ParsedEntry entry)
        {
            var payload = entry.Payload;
            RecordBatchHeader.TryRead(payload, out var header);
            if (header.LastOffset < _plan.Offset)
            {
                return true;
            }

            if (header.LastOffset >= _plan.MaxOffset
                || (_length + (long)payload.Length > _plan.MaxBytes && (Count > 0 || !_plan.MinOneMessage)))
            {
                return false;
            }

            if (Count == 0)
            {
                _firstAddress = entry.Address;
            }

            payload.CopyTo(raw.AsSpan(_length));
            _length += payload.Length;
            _nextOffset = header.NextOffset;
            _nextAddress = entry.EndAddress;
            Count++;
            return true;
        }
    }
}
