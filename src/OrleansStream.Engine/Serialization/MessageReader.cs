using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Text;
using Orleans.Serialization;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// Reads one message from one contiguous array that belongs to the message: byte memories in it are slices, not copies,
/// and keep the whole array alive. Every length is checked against what is left before anything is allocated, and
/// nesting is bounded by <see cref="MessageWriter.MaxDepth"/>: malformed input throws <see cref="SerializerException"/> and nothing else.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref partial struct MessageReader
{
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySpan<byte> _span;
    private int _position;
    private int _depth;
    private bool _isAtBaseEnd;

    /// <summary>Reads from the start of <paramref name="message"/>, which must not change as long as anything read from it is in use.</summary>
    public MessageReader(ReadOnlyMemory<byte> message)
    {
        _memory = message;
        _span = message.Span;
    }

    /// <summary>How many bytes were read.</summary>
    public readonly int Position => _position;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _span.Length - _position;

    /// <summary>The runtime through which grain references that are read send their calls; null outside a runtime.</summary>
    internal ICallRuntime? RuntimeContext { get; set; }

    /// <summary>Reads one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        var position = _position;
        if ((uint)position >= (uint)_span.Length)
        {
            ThrowTruncated(1);
        }

        _position = position + 1;
        return _span[position];
    }

    /// <summary>Reads an unsigned varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadVarUInt32()
    {
        var position = _position;
        if ((uint)position < (uint)_span.Length && _span[position] is < 0x80 and var value)
        {
            _position = position + 1;
            return value;
        }

        return Narrow(ReadLongVarint());
    }

    /// <summary>Reads an unsigned varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVarUInt64()
    {
        var position = _position;
        if ((uint)position < (uint)_span.Length && _span[position] is < 0x80 and var value)
        {
            _position = position + 1;
            return value;
        }

        return ReadLongVarint();
    }

    /// <summary>Reads a signed varint, zigzag-encoded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadVarInt32()
    {
        var value = ReadVarUInt32();
        return (int)(value >> 1) ^ -(int)(value & 1);
    }

    /// <summary>Reads a signed varint, zigzag-encoded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadVarInt64()
    {
        var value = ReadVarUInt64();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>Reads four bytes, little endian.</summary>
    public uint ReadFixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    /// <summary>Reads eight bytes, little endian.</summary>
    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>Reads a Boolean.</summary>
    public bool ReadBoolean()
    {
        var value = ReadByte();
        return value <= 1 ? value == 1 : throw Malformed($"{value} stands where a Boolean (0 or 1) is expected");
    }

    /// <summary>Reads a single-precision number.</summary>
    public float ReadSingle() => BitConverter.UInt32BitsToSingle(ReadFixed32());

    /// <summary>Reads a double-precision number.</summary>
    public double ReadDouble() => BitConverter.UInt64BitsToDouble(ReadFixed64());

    /// <summary>Reads a GUID.</summary>
    public Guid ReadGuid()
    {
        var length = ReadLength();
        return length == 16 ? new Guid(Take(16)) : throw Malformed($"a GUID has 16 bytes, not {length}");
    }

    /// <summary>Reads a string; null is possible.</summary>
    public string? ReadString()
    {
        var length = ReadLength();
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length));
    }

    /// <summary>Reads length-prefixed bytes into an array of their own; null is possible.</summary>
    public byte[]? ReadBytes()
    {
        var length = ReadLength();
        return length < 0 ? null : Take(length).ToArray();
    }

    /// <summary>Reads length-prefixed bytes as a slice of the message; null reads as empty.</summary>
    public ReadOnlyMemory<byte> ReadMemory()
    {
        var length = ReadLength();
        if (length <= 0)
        {
            return default;
        }

        var start = _position;
        _position += length;
        return _memory.Slice(start, length);
    }

    /// <summary>Reads length-prefixed bytes as a span over the message; null reads as empty.</summary>
    public ReadOnlySpan<byte> ReadSpan() => Take(Math.Max(ReadLength(), 0));

    /// <summary>Reads so many bytes as they are, without a length, as a slice of the message.</summary>
    public ReadOnlyMemory<byte> ReadRaw(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var start = _position;
        Take(count);
        return _memory.Slice(start, count);
    }

    /// <summary>An exception for malformed input at the current position.</summary>
    /// <param name="what">What is wrong, as the middle of a sentence.</param>
    public readonly SerializerException Malformed(string what)
        => new($"Malformed message at byte {_position} of {_span.Length}: {what}.");

    // The length of what follows, at most what is left; -1 for null.
    private int ReadLength()
    {
        var prefix = ReadVarUInt64();
        if (prefix > (ulong)Remaining + 1)
        {
            throw Malformed($"a length of {prefix - 1} where {Remaining} bytes are left");
        }

        return (int)prefix - 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int count)
    {
        var position = _position;
        if (count > _span.Length - position)
        {
            ThrowTruncated(count);
        }

        _position = position + count;
        return _span.Slice(position, count);
    }

    private ulong ReadLongVarint()
    {
        ulong result = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = ReadByte();
            if (shift == 63 && next > 1)
            {
                break;
            }

            result |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return result;
            }
        }

        throw Malformed("a varint is longer than 64 bits");
    }

    private readonly uint Narrow(ulong value)
        => value <= uint.MaxValue ? (uint)value : throw Malformed($"{value} does not fit 32 bits");

    private readonly void ThrowTruncated(int count) => throw Malformed($"{count} more bytes are expected, {Remaining} are left");
}
