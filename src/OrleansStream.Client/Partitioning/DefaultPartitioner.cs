using OrleansStream.Protocol.Partitioning;

namespace OrleansStream.Client;

/// <summary>
/// Kafka's default: with a key the murmur2 hash over all partitions, whether they have a leader or not; without key one
/// partition for a while, then another at random, so that batches are large and partitions get the same number of bytes
/// (KIP-480, KIP-794).
/// </summary>
/// <remarks>Safe for concurrent use. The sticky choice is kept for each topic.</remarks>
public sealed class DefaultPartitioner : IPartitioner
{
    /// <summary>
    /// The default of how many bytes go to one partition before another is chosen: enough that a call to its leader pays,
    /// little enough that a slow stream of records reaches all partitions.
    /// </summary>
    public const int DefaultStickyBytes = 64 * 1024;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, Sticky> _sticky = new(StringComparer.Ordinal);
    private readonly int _stickyBytes;
    private readonly Random _random;
    private Sticky? _last;

    /// <summary>A partitioner.</summary>
    /// <param name="stickyBytes">How many bytes go to one partition before another is chosen.</param>
    /// <param name="random">Chooses partitions; null for <see cref="Random.Shared"/>. Must be safe for concurrent use.</param>
    public DefaultPartitioner(int stickyBytes = DefaultStickyBytes, Random? random = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stickyBytes, 1);
        _stickyBytes = stickyBytes;
        _random = random ?? Random.Shared;
    }

    /// <inheritdoc/>
    public int SelectPartition(in PartitionerContext context)
    {
        if (context.HasKey)
        {
            return Murmur2.PartitionFor(context.Key, context.PartitionCount);
        }

        if (context.PartitionCount == 1)
        {
            return 0;
        }

        var sticky = Volatile.Read(ref _last);
        if (sticky is null || !ReferenceEquals(sticky.Topic, context.Topic))
        {
            sticky = _sticky.GetOrAdd(context.Topic, static topic => new Sticky(topic));
            Volatile.Write(ref _last, sticky);
        }

        return sticky.Next(context, _stickyBytes, _random);
    }

    /// <summary>The choice for one topic. Threads may pass each other here; then a partition gets a record more.</summary>
    private sealed class Sticky(string topic)
    {
        private int _partition = -1;
        private long _bytes;

        public string Topic => topic;

        public int Next(in PartitionerContext context, int stickyBytes, Random random)
        {
            var partition = Volatile.Read(ref _partition);
            if (partition >= 0 && partition < context.PartitionCount && Interlocked.Add(ref _bytes, context.RecordBytes) <= stickyBytes)
            {
                return partition;
            }

            var available = context.AvailablePartitions;
            var next = available.IsEmpty ? random.Next(context.PartitionCount) : available[random.Next(available.Length)];
            Interlocked.Exchange(ref _bytes, context.RecordBytes);
            Volatile.Write(ref _partition, next);
            return next;
        }
    }
}
