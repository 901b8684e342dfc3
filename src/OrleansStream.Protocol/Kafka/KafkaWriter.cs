using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace OrleansStream.Protocol.Kafka;

/// <summary>
/// Writes the primitives of Kafka's protocol: a pooled buffer, plus large byte memories by reference, so that record
/// batches go to the socket without a copy on the way. Not thread-safe; <see cref="Dispose"/> returns the buffer.
/// </summary>
/// <remarks>Memory that was handed over must not change until the writer is disposed or reset.</remarks>
public sealed class KafkaWriter : IDisposable
{
    /// <summary>Byte memories from this size on are held by reference, smaller ones are copied.</summary>
    public const int ReferenceThreshold = 4096;

    private readonly List<(int BufferEnd, ReadOnlyMemory<byte> Memory)> _references = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _count;
    private long _referencedBytes;

    /// <summary>The bytes written so far, referenced ones included.</summary>
    public long Length => _count + _referencedBytes;

    /// <summary>The error of a field that is null and must not be.</summary>
    public static InvalidOperationException NullNotAllowed(string field, short version)
        => new($"{field} is null; version {version} has no null there.");

    /// <summary>Writes a Boolean.</summary>
    public void WriteBoolean(bool value) => Reserve(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Writes an INT8.</summary>
    public void WriteInt8(sbyte value) => Reserve(1)[0] = (byte)value;

    /// <summary>Writes an INT16.</summary>
    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Reserve(sizeof(short)), value);

    /// <summary>Writes a UINT16.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(sizeof(ushort)), value);

    /// <summary>Writes an INT32.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(sizeof(int)), value);

    /// <summary>Writes a UINT32.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(sizeof(uint)), value);

    /// <summary>Writes an INT64.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(sizeof(long)), value);

    /// <summary>Writes a FLOAT64.</summary>
    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleBigEndian(Reserve(sizeof(double)), value);

    /// <summary>Writes an error code as an INT16.</summary>
    public void WriteErrorCode(ErrorCode value) => WriteInt16((short)value);

    /// <summary>Writes a UUID.</summary>
    public void WriteUuid(Guid value) => value.TryWriteBytes(Reserve(16), bigEndian: true, out _);

    /// <summary>Writes an UNSIGNED_VARINT.</summary>
    public void WriteUnsignedVarInt(uint value)
    {
        while (value >= 0x80)
        {
            Reserve(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }

        Reserve(1)[0] = (byte)value;
    }

    /// <summary>Writes a STRING, or a COMPACT_STRING in a flexible version.</summary>
    /// <exception cref="ArgumentException">The string is longer than 32,767 bytes in a version that is not flexible.</exception>
    public void WriteString(string value, bool flexible)
    {
        ArgumentNullException.ThrowIfNull(value);
        var length = Encoding.UTF8.GetByteCount(value);
        if (flexible)
        {
            WriteUnsignedVarInt((uint)length + 1);
        }
        else
        {
            if (length > short.MaxValue)
            {
                throw new ArgumentException($"A string of {length} bytes cannot be written; at most {short.MaxValue} fit.", nameof(value));
            }

            WriteInt16((short)length);
        }

        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    /// <summary>Writes a string that may be null.</summary>
    public void WriteNullableString(string? value, bool flexible)
    {
        if (value is not null)
        {
            WriteString(value, flexible);
        }
        else if (flexible)
        {
            WriteUnsignedVarInt(0);
        }
        else
        {
            WriteInt16(-1);
        }
    }

    /// <summary>Writes BYTES, or COMPACT_BYTES in a flexible version.</summary>
    public void WriteBytes(ReadOnlyMemory<byte> value, bool flexible)
    {
        if (flexible)
        {
            WriteUnsignedVarInt((uint)value.Length + 1);
        }
        else
        {
            WriteInt32(value.Length);
        }

        if (value.Length < ReferenceThreshold)
        {
            value.Span.CopyTo(Reserve(value.Length));
        }
        else
        {
            _references.Add((_count, value));
            _referencedBytes += value.Length;
        }
    }

    /// <summary>Writes bytes that may be null.</summary>
    public void WriteNullableBytes(ReadOnlyMemory<byte>? value, bool flexible)
    {
        if (value is { } bytes)
        {
            WriteBytes(bytes, flexible);
        }
        else
        {
            WriteArrayLength(-1, flexible);
        }
    }

    /// <summary>Writes the length of an array, -1 for null.</summary>
    public void WriteArrayLength(int length, bool flexible)
    {
        if (flexible)
        {
            WriteUnsignedVarInt((uint)(length + 1));
        }
        else
        {
            WriteInt32(length);
        }
    }

    /// <summary>Writes whether a nullable structure is there.</summary>
    public void WriteIsPresent(bool isPresent, bool isNullable)
    {
        if (isNullable)
        {
            WriteInt8(isPresent ? (sbyte)1 : (sbyte)-1);
        }
    }

    /// <summary>A writer for the content of a tagged field, whose size stands before it; give it to <see cref="EndTag"/>.</summary>
    public KafkaWriter BeginTag() => new();

    /// <summary>Writes a tagged field's size and content, and disposes its writer.</summary>
    public void EndTag(KafkaWriter content)
    {
        ArgumentNullException.ThrowIfNull(content);
        WriteUnsignedVarInt((uint)content.Length);
        foreach (var segment in content.Segments())
        {
            segment.Span.CopyTo(Reserve(segment.Length));
        }

        content.Dispose();
    }

    /// <summary>The message in segments, in order; valid until the writer is written to, reset or disposed.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Segments()
    {
        var start = 0;
        foreach (var (end, memory) in _references)
        {
            if (end > start)
            {
                yield return _buffer.AsMemory(start, end - start);
            }

            yield return memory;
            start = end;
        }

        if (_count > start)
        {
            yield return _buffer.AsMemory(start, _count - start);
        }
    }

    /// <summary>The message in one array, for tests and small messages.</summary>
    public byte[] ToArray()
    {
        var array = new byte[Length];
        var position = 0;
        foreach (var segment in Segments())
        {
            segment.CopyTo(array.AsMemory(position));
            position += segment.Length;
        }

        return array;
    }

    /// <summary>Forgets what was written, for another message.</summary>
    public void Reset()
    {
        _references.Clear();
        _referencedBytes = 0;
        _count = 0;
    }

    /// <summary>Returns the buffer; the writer cannot be used any more.</summary>
    public void Dispose()
    {
        Reset();
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _count < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _count + count));
            _buffer.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var reserved = _buffer.AsSpan(_count, count);
        _count += count;
        return reserved;
    }
}
