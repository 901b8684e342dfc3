using System.Collections;

namespace OrleansStream.Client;

/// <summary>
/// Records of one partition that lie together in the log; they are decoded while they are enumerated, and again by every
/// enumeration. Safe for concurrent reading; the memory of its records belongs to it for good.
/// </summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
public sealed class ConsumeBatch<TKey, TValue> : IEnumerable<ConsumeResult<TKey, TValue>>
{
    internal ConsumeBatch(TopicPartition topicPartition, long firstOffset, long nextOffset, long highWatermark)
    {
        TopicPartition = topicPartition;
        FirstOffset = firstOffset;
        NextOffset = nextOffset;
        HighWatermark = highWatermark;
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>No record of this batch is before this offset.</summary>
    public long FirstOffset { get; }

    /// <summary>The offset after the batch: where the partition's position is once the batch is handed out.</summary>
    public long NextOffset { get; }

    /// <summary>The partition's high watermark when the batch was fetched.</summary>
    public long HighWatermark { get; }

    /// <summary>Enumerates the records without allocating.</summary>
    public Enumerator GetEnumerator() => default;

    /// <inheritdoc/>
    IEnumerator<ConsumeResult<TKey, TValue>> IEnumerable<ConsumeResult<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Goes over the records of a batch.</summary>
    public struct Enumerator : IEnumerator<ConsumeResult<TKey, TValue>>
    {
        /// <inheritdoc/>
        public readonly ConsumeResult<TKey, TValue> Current => default;

        /// <inheritdoc/>
        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public readonly bool MoveNext() => false;

        /// <inheritdoc/>
        public readonly void Reset() => throw new NotSupportedException();

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
