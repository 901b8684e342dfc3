using System.Collections;
using OrleansStream.Protocol;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>
/// Records of one partition that lie together in the log; they are decoded while they are enumerated, and again by every
/// enumeration. Safe for concurrent reading; the memory of its records belongs to it for good.
/// </summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
public sealed class ConsumeBatch<TKey, TValue> : IEnumerable<ConsumeResult<TKey, TValue>>
{
    private readonly RecordDecoder<TKey, TValue> _decoder;
    private readonly RecordBatch _batch;
    private RecordReader? _openReader;

    internal ConsumeBatch(RecordDecoder<TKey, TValue> decoder, BatchCursor cursor, RecordReader openReader)
    {
        _decoder = decoder;
        _batch = cursor.Batch;
        _openReader = openReader;
        TopicPartition = cursor.Partition.TopicPartition;
        FirstOffset = Math.Max(cursor.NextOffset, cursor.Batch.Header.BaseOffset);
        HighWatermark = cursor.HighWatermark;
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>No record of this batch is before this offset.</summary>
    public long FirstOffset { get; }

    /// <summary>The offset after the batch: where the partition's position is once the batch is handed out.</summary>
    public long NextOffset => _batch.Header.NextOffset;

    /// <summary>The partition's high watermark when the batch was fetched.</summary>
    public long HighWatermark { get; }

    /// <summary>The number of records, those before <see cref="FirstOffset"/> included.</summary>
    public int RecordCount => _batch.Header.RecordCount;

    /// <summary>The batch's bytes as they lie in the log, compressed if they are.</summary>
    public int SizeInBytes => _batch.Memory.Length;

    /// <summary>Enumerates the records; allocates nothing for a record unless a deserializer does.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <inheritdoc/>
    IEnumerator<ConsumeResult<TKey, TValue>> IEnumerable<ConsumeResult<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private RecordReader TakeReader()
    {
        if (Interlocked.Exchange(ref _openReader, null) is { } open)
        {
            return open;
        }

        // The checksum was verified when the batch was handed out.
        var reader = new RecordReader(RecordDecoder.UncheckedOptions);
        reader.Open(_batch.Memory);
        return reader;
    }

    /// <summary>Goes over the records of a batch.</summary>
    public struct Enumerator : IEnumerator<ConsumeResult<TKey, TValue>>
    {
        private readonly ConsumeBatch<TKey, TValue> _owner;
        private readonly RecordReader _reader;
        private ConsumeResult<TKey, TValue> _current;

        internal Enumerator(ConsumeBatch<TKey, TValue> owner)
        {
            _owner = owner;
            _reader = owner.TakeReader();
        }

        /// <inheritdoc/>
        public readonly ConsumeResult<TKey, TValue> Current => _current;

        /// <inheritdoc/>
        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        /// <exception cref="CorruptBatchException">A record is malformed.</exception>
        /// <exception cref="RecordSerializationException">A deserializer failed.</exception>
        public bool MoveNext()
        {
            try
            {
                return _owner._decoder.TryNext(_reader, _owner.TopicPartition, _owner.FirstOffset, out _current);
            }
            catch (ProtocolException exception)
            {
                throw new CorruptBatchException(_owner.TopicPartition, _owner.FirstOffset, _owner.NextOffset, exception.Message, exception);
            }
        }

        /// <inheritdoc/>
        public readonly void Reset() => throw new NotSupportedException("Enumerate the batch again instead.");

        /// <inheritdoc/>
        public readonly void Dispose()
        {
            // The records may outlive the enumeration, so the memory under the reader is not given back.
        }
    }
}
