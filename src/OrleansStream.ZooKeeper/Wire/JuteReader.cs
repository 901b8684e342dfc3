using System.Buffers.Binary;
using System.Text;

namespace OrleansStream.ZooKeeper.Wire;

/// <summary>Reads jute, ZooKeeper's record format: big-endian numbers, strings and buffers after their length in four bytes.</summary>
internal ref struct JuteReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    /// <summary>Bytes that have not been read.</summary>
    public readonly int Remaining => _rest.Length;

    public int ReadInt() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public long ReadLong() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    public bool ReadBool() => Take(1)[0] != 0;

    /// <summary>A buffer; null and empty are the same.</summary>
    public ReadOnlySpan<byte> ReadBuffer()
    {
        var length = ReadInt();
        return length <= 0 ? [] : Take(length);
    }

    /// <summary>A string; null is empty.</summary>
    public string ReadString() => Encoding.UTF8.GetString(ReadBuffer());

    /// <summary>The number of elements of a vector, each of which takes at least <paramref name="minElementBytes"/>.</summary>
    public int ReadCount(int minElementBytes)
    {
        var count = ReadInt();
        if (count > _rest.Length / minElementBytes)
        {
            throw new ZooKeeperProtocolException($"A vector of {count} elements is announced, but only {_rest.Length} bytes are left.");
        }

        return Math.Max(0, count);
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw new ZooKeeperProtocolException($"A field of {length} bytes is announced, but only {_rest.Length} bytes are left.");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
