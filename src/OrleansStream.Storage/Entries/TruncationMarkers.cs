using System.Buffers.Binary;

namespace OrleansStream.Storage.Entries;

/// <summary>An entry that makes an offset the first readable one; beyond the end it moves the end as well.</summary>
/// <param name="LogStartOffset">The first readable offset from here on.</param>
/// <param name="MaxTimestamp">The largest timestamp that is left.</param>
/// <param name="MaxTimestampOffset">The last offset of the batch that has it.</param>
internal readonly record struct HeadTruncation(long LogStartOffset, long MaxTimestamp, long MaxTimestampOffset)
{
    public const int Size = 24;

    public void Write(Span<byte> payload)
    {
        BinaryPrimitives.WriteInt64LittleEndian(payload, LogStartOffset);
        BinaryPrimitives.WriteInt64LittleEndian(payload[8..], MaxTimestamp);
        BinaryPrimitives.WriteInt64LittleEndian(payload[16..], MaxTimestampOffset);
    }

    public static HeadTruncation Read(ReadOnlySpan<byte> payload) => new(
        BinaryPrimitives.ReadInt64LittleEndian(payload),
        BinaryPrimitives.ReadInt64LittleEndian(payload[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(payload[16..]));
}

/// <summary>
/// An entry that makes an offset the end of the log: the entries from <paramref name="VoidFrom"/> to this one are void.
/// </summary>
/// <param name="LogEndOffset">The end of the log after it.</param>
/// <param name="VoidFrom">The address of the first void entry; the marker's own if there is none.</param>
/// <param name="MaxTimestamp">The largest timestamp that is left.</param>
/// <param name="MaxTimestampOffset">The last offset of the batch that has it.</param>
internal readonly record struct TailTruncation(long LogEndOffset, long VoidFrom, long MaxTimestamp, long MaxTimestampOffset)
{
    public const int Size = 32;

    public void Write(Span<byte> payload)
    {
        BinaryPrimitives.WriteInt64LittleEndian(payload, LogEndOffset);
        BinaryPrimitives.WriteInt64LittleEndian(payload[8..], VoidFrom);
        BinaryPrimitives.WriteInt64LittleEndian(payload[16..], MaxTimestamp);
        BinaryPrimitives.WriteInt64LittleEndian(payload[24..], MaxTimestampOffset);
    }

    public static TailTruncation Read(ReadOnlySpan<byte> payload) => new(
        BinaryPrimitives.ReadInt64LittleEndian(payload),
        BinaryPrimitives.ReadInt64LittleEndian(payload[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(payload[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(payload[24..]));
}
