using System.Buffers.Binary;

namespace OrleansStream.Protocol.Partitioning;

/// <summary>
/// The 32-bit murmur2 hash with the seed of Kafka's default partitioner: the same key lands on the same partition as
/// with Kafka's Java client.
/// </summary>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;

    /// <summary>The hash of <paramref name="data"/>.</summary>
    public static int Hash(ReadOnlySpan<byte> data)
    {
        var hash = Seed ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
            word = (word ^ (word >> 24)) * Multiplier;
            hash = (hash * Multiplier) ^ word;
            data = data[4..];
        }

        if (data.Length > 0)
        {
            if (data.Length == 3)
            {
                hash ^= (uint)data[2] << 16;
            }

            if (data.Length >= 2)
            {
                hash ^= (uint)data[1] << 8;
            }

            hash = (hash ^ data[0]) * Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return (int)(hash ^ (hash >> 15));
    }

    /// <summary>The partition of a keyed record: the hash without its sign bit, modulo the number of partitions.</summary>
    /// <param name="key">The serialized key.</param>
    /// <param name="partitionCount">All partitions of the topic, available or not; at least 1.</param>
    public static int PartitionFor(ReadOnlySpan<byte> key, int partitionCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitionCount, 1);
        return (Hash(key) & 0x7fffffff) % partitionCount;
    }
}
