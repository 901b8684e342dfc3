using System.Buffers.Binary;

namespace OrleansStream.Faults.Checking;

/// <summary>A record's value: partition and number, the rest is filled from both, so that a changed byte shows.</summary>
internal static class RecordValue
{
    public const int MinBytes = 16;

    public static byte[] Write(int partition, long sequence, int bytes)
    {
        var value = new byte[bytes];
        BinaryPrimitives.WriteInt64LittleEndian(value, sequence);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(8), partition);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(12), bytes);
        value.AsSpan(MinBytes).Fill(FillOf(partition, sequence));
        return value;
    }

    /// <summary>The number of a record; -1 when it is not one that was written for this partition.</summary>
    public static long Read(ReadOnlySpan<byte> value, int partition)
    {
        if (value.Length < MinBytes
            || BinaryPrimitives.ReadInt32LittleEndian(value[8..]) != partition
            || BinaryPrimitives.ReadInt32LittleEndian(value[12..]) != value.Length)
        {
            return -1;
        }

        var sequence = BinaryPrimitives.ReadInt64LittleEndian(value);
        return value[MinBytes..].ContainsAnyExcept(FillOf(partition, sequence)) ? -1 : sequence;
    }

    private static byte FillOf(int partition, long sequence) => (byte)((sequence * 31) + partition);
}
