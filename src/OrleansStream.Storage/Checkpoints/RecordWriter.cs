using System.Buffers;
using System.Buffers.Binary;
using OrleansStream.Protocol.Checksums;

namespace OrleansStream.Storage.Checkpoints;

/// <summary>Builds a small file of little-endian fields that starts with a magic number and a version and ends with a CRC-32C.</summary>
internal readonly ref struct RecordWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public RecordWriter(uint magic, int version)
    {
        Write((int)magic);
        Write(version);
    }

    public void Write(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    public void Write(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>Adds the CRC.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        Write((int)Crc32C.Compute(_buffer.WrittenSpan));
        return _buffer.WrittenSpan;
    }
}

/// <summary>Reads what <see cref="RecordWriter"/> has written.</summary>
internal ref struct RecordReader
{
    private readonly ReadOnlySpan<byte> _content;
    private int _position;

    private RecordReader(ReadOnlySpan<byte> content, int version)
    {
        _content = content;
        Version = version;
        _position = 8;
    }

    public int Version { get; }

    /// <summary>False if magic or CRC are wrong.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> file, uint magic, out RecordReader reader)
    {
        reader = default;
        if (file.Length < 12
            || BinaryPrimitives.ReadUInt32LittleEndian(file) != magic
            || BinaryPrimitives.ReadUInt32LittleEndian(file[^4..]) != Crc32C.Compute(file[..^4]))
        {
            return false;
        }

        reader = new RecordReader(file[..^4], BinaryPrimitives.ReadInt32LittleEndian(file[4..]));
        return true;
    }

    public int ReadInt32()
    {
        var value = BinaryPrimitives.ReadInt32LittleEndian(_content[_position..]);
        _position += 4;
        return value;
    }

    public long ReadInt64()
    {
        var value = BinaryPrimitives.ReadInt64LittleEndian(_content[_position..]);
        _position += 8;
        return value;
    }
}
