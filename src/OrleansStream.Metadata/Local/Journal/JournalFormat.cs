using System.Buffers;
using System.Buffers.Binary;
using OrleansStream.Protocol.Checksums;

namespace OrleansStream.Metadata.Local;

/// <summary>
/// A journal file: a header of magic (8 bytes), version (u32), base zxid (i64: the transactions in it are later) and CRC-32C of these;
/// then records of payload length (u32), zxid (i64), durable zxid (i64), CRC-32C of the payload, CRC-32C of the record header, payload.
/// </summary>
/// <remarks>
/// The durable zxid is the last transaction that was on stable storage when the record was written. A damaged record whose
/// transaction some later record calls durable cannot come from a crash; one that none calls durable was never acknowledged
/// and is cut off. So that the last acknowledged transactions are vouched for as well, a record without payload follows each flush.
/// </remarks>
internal static class JournalFormat
{
    public const int Version = 1;
    public const int FileHeaderBytes = 24;
    public const int RecordHeaderBytes = 28;

    private static ReadOnlySpan<byte> Magic => "OSMETAJ\0"u8;

    public static byte[] FileHeader(long baseZxid)
    {
        var header = new byte[FileHeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(12), baseZxid);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), Crc32C.Compute(header.AsSpan(0, 20)));
        return header;
    }

    /// <exception cref="MetadataCorruptException">This is no journal, or its header is damaged.</exception>
    /// <exception cref="MetadataFormatException">The journal is of a newer version.</exception>
    public static long ReadFileHeader(string file, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FileHeaderBytes || !bytes[..8].SequenceEqual(Magic))
        {
            throw new MetadataCorruptException(file, 0, "it does not start as a journal does");
        }

        // Before the checksum: magic and version are all that a newer format shares with this one.
        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version > Version)
        {
            throw new MetadataFormatException(file, version, Version);
        }

        return Crc32C.Compute(bytes[..20]) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..])
            ? BinaryPrimitives.ReadInt64LittleEndian(bytes[12..])
            : throw new MetadataCorruptException(file, 0, "the checksum of the file header is wrong");
    }

    public static void WriteRecord(IBufferWriter<byte> output, long zxid, long durableZxid, ReadOnlySpan<byte> payload)
    {
        var header = output.GetSpan(RecordHeaderBytes)[..RecordHeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header, payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[4..], zxid);
        BinaryPrimitives.WriteInt64LittleEndian(header[12..], durableZxid);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], Crc32C.Compute(payload));
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], Crc32C.Compute(header[..24]));
        output.Advance(RecordHeaderBytes);
        output.Write(payload);
    }

    /// <summary>Reads the record at the start of the bytes, if there is a whole and undamaged one.</summary>
    public static bool TryReadRecord(ReadOnlySpan<byte> bytes, out JournalRecord record)
    {
        record = default;
        if (bytes.Length < RecordHeaderBytes
            || Crc32C.Compute(bytes[..24]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - RecordHeaderBytes)
        {
            return false;
        }

        var payload = bytes.Slice(RecordHeaderBytes, length);
        if (Crc32C.Compute(payload) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]))
        {
            return false;
        }

        record = new JournalRecord(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]),
            length);
        return true;
    }
}

/// <summary>What a record's header says.</summary>
internal readonly record struct JournalRecord(long Zxid, long DurableZxid, int PayloadBytes)
{
    /// <summary>Whether this only vouches for the transactions before it.</summary>
    public bool IsMark => PayloadBytes == 0;
}
