using System.Buffers.Binary;
using OrleansStream.Protocol.Checksums;

namespace OrleansStream.Storage.Entries;

/// <summary>
/// What stands before and after each entry's payload. FASTER writes the entry's length (4 bytes); then come, little endian:
/// CRC-32C (4), kind (1), reserved (1), magic (2), distance to the entry before (4), distance to what was durable (4),
/// total size (4), the payload, one trailer byte, and padding to a multiple of 4.
/// </summary>
/// <remarks>
/// <para>The CRC covers the address, the length, the fields after it and the part of the payload that nothing else
/// protects: the first bytes of a batch up to its attributes (Kafka's CRC starts there), or a whole marker. With the
/// address in it, bytes of another place or life of the log never pass.</para>
/// <para>The distance to the entry before chains the entries, so that a hole in the middle of unordered writes shows.
/// The distance to what was durable when the entry was appended proves to a later recovery that everything before that
/// point was acknowledged: damage there is damage, not a torn tail.</para>
/// <para>The trailer is never zero: an entry whose end is zero was not written completely.</para>
/// </remarks>
internal readonly record struct EntryHeader(EntryKind Kind, uint PreviousDistance, uint UndurableDistance, int TotalSize)
{
    /// <summary>FASTER's own header: the length.</summary>
    public const int LengthSize = 4;

    /// <summary>The fields after the length.</summary>
    public const int Size = 20;

    /// <summary>Bytes of an entry that are not payload, without padding.</summary>
    public const int Overhead = LengthSize + Size + TrailerSize;

    /// <summary>The first piece of a batch holds at least this much, or all of it: more than its header.</summary>
    public const int MinPiece = 64;

    /// <summary>Room below which the rest of a page stays empty and the next entry starts the next page.</summary>
    public const int MinRoom = Overhead + MinPiece;

    private const int TrailerSize = 1;
    private const ushort Magic = 0x534F;
    private const byte Trailer = 0xA5;
    private const int UnprotectedBatchBytes = 21;

    /// <summary>The bytes in the file from the length on, for a payload.</summary>
    public static int AllocationFor(int payloadBytes) => LengthSize + ((Size + payloadBytes + TrailerSize + 3) & ~3);

    /// <summary>The largest payload of an entry in so much room.</summary>
    public static int PayloadIn(int room) => room - Overhead;

    /// <summary>FASTER's length of the entry.</summary>
    public static int LengthFor(int payloadBytes) => Size + payloadBytes + TrailerSize;

    /// <summary>The payload's size from FASTER's length.</summary>
    public static int PayloadOf(int length) => length - Size - TrailerSize;

    /// <summary>Writes the header and the trailer around a payload that is already in place.</summary>
    /// <param name="entry">The entry without FASTER's length.</param>
    /// <param name="address">The address of FASTER's length.</param>
    public void Write(Span<byte> entry, long address)
    {
        entry[4] = (byte)Kind;
        entry[5] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], PreviousDistance);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], UndurableDistance);
        BinaryPrimitives.WriteInt32LittleEndian(entry[16..], TotalSize);
        entry[^1] = Trailer;
        var covered = Size + CoveredPayload(Kind, PayloadOf(entry.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(entry, Checksum(entry[..covered], entry.Length, address));
    }

    /// <summary>
    /// Reads and verifies the header of an entry, of which only the beginning has to be there; the trailer is judged apart.
    /// Null: too little is there to tell.
    /// </summary>
    /// <param name="entry">The entry without FASTER's length, or its beginning.</param>
    /// <param name="length">FASTER's length.</param>
    /// <param name="address">The address of FASTER's length.</param>
    /// <param name="header">The header.</param>
    public static bool? TryRead(ReadOnlySpan<byte> entry, int length, long address, out EntryHeader header)
    {
        header = default;
        if (length < Size + TrailerSize)
        {
            return false;
        }

        if (entry.Length < Size)
        {
            return null;
        }

        var kind = (EntryKind)entry[4];
        if (BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]) != Magic
            || entry[5] != 0
            || kind is < EntryKind.Batch or > EntryKind.TailTruncation)
        {
            return false;
        }

        var covered = Size + CoveredPayload(kind, PayloadOf(length));
        if (entry.Length < covered)
        {
            return null;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(entry) != Checksum(entry[..covered], length, address))
        {
            return false;
        }

        header = new EntryHeader(
            kind,
            BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(entry[16..]));
        return true;
    }

    /// <summary>Whether the entry was written to its end.</summary>
    public static bool HasTrailer(ReadOnlySpan<byte> entry) => entry[^1] == Trailer;

    /// <summary>
    /// The bytes of an entry, from FASTER's length on, that its header's CRC covers: how far a torn write can have come
    /// when the header does not verify.
    /// </summary>
    /// <param name="entry">The entry without FASTER's length, not verified.</param>
    public static int ProtectedSize(ReadOnlySpan<byte> entry) => LengthSize + Size + (EntryKind)(entry.Length > 4 ? entry[4] : 0) switch
    {
        EntryKind.HeadTruncation => HeadTruncation.Size,
        EntryKind.TailTruncation => TailTruncation.Size,
        _ => UnprotectedBatchBytes,
    };

    /// <summary>Whether bytes could be an entry's start, without its CRC: a quick look for searches.</summary>
    public static bool LooksLikeEntry(ReadOnlySpan<byte> entry) =>
        entry.Length >= Size && BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]) == Magic;

    private static int CoveredPayload(EntryKind kind, int payloadBytes) => kind switch
    {
        EntryKind.Batch => Math.Min(payloadBytes, UnprotectedBatchBytes),
        EntryKind.Continuation => 0,
        _ => payloadBytes,
    };

    private static uint Checksum(ReadOnlySpan<byte> covered, int length, long address)
    {
        Span<byte> place = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(place, address);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], length);
        return Crc32C.Append(Crc32C.Compute(place), covered[4..]);
    }
}
