using System.Buffers.Binary;
using System.Text;

namespace OrleansStream.Protocol.Kafka;

/// <summary>
/// Reads the primitives of Kafka's protocol from one whole message. Byte memories are slices of it, never copies, and
/// every length is checked against what is left before anything is allocated.
/// </summary>
public ref struct KafkaReader
{
    private const int MaxInitialCapacity = 256;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySpan<byte> _span;
    private int _position;

    /// <summary>Begins at the first byte.</summary>
    public KafkaReader(ReadOnlyMemory<byte> message)
    {
        _memory = message;
        _span = message.Span;
    }

    /// <summary>The bytes that are left.</summary>
    public readonly int Remaining => _span.Length - _position;

    /// <summary>Reads a Boolean: any byte but 0 is true.</summary>
    public bool ReadBoolean() => Take(1)[0] != 0;

    /// <summary>Reads an INT8.</summary>
    public sbyte ReadInt8() => (sbyte)Take(1)[0];

    /// <summary>Reads an INT16.</summary>
    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(sizeof(short)));

    /// <summary>Reads a UINT16.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));

    /// <summary>Reads an INT32.</summary>
    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    /// <summary>Reads a UINT32.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));

    /// <summary>Reads an INT64.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    /// <summary>Reads a FLOAT64.</summary>
    public double ReadDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(sizeof(double)));

    /// <summary>Reads an INT16 as an error code.</summary>
    public ErrorCode ReadErrorCode() => (ErrorCode)ReadInt16();

    /// <summary>Reads a UUID.</summary>
    public Guid ReadUuid() => new(Take(16), bigEndian: true);

    /// <summary>Reads an UNSIGNED_VARINT of at most five bytes.</summary>
    public uint ReadUnsignedVarInt()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Take(1)[0];
            if (shift == 28 && next > 0x0F)
            {
                break;
            }

            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new KafkaProtocolException($"The varint before byte {_position} is larger than 32 bits.");
    }

    /// <summary>Reads a STRING, or a COMPACT_STRING in a flexible version; null if it is null.</summary>
    public string? ReadNullableString(bool flexible)
    {
        var length = flexible ? CompactLength() : ReadInt16();
        if (length < 0)
        {
            return length == -1 ? null : throw NegativeLength(length);
        }

        try
        {
            return StrictUtf8.GetString(Take(length));
        }
        catch (DecoderFallbackException exception)
        {
            throw new KafkaProtocolException($"The string before byte {_position} is not UTF-8.", exception);
        }
    }

    /// <summary>Reads BYTES, or COMPACT_BYTES in a flexible version; null if they are null.</summary>
    public ReadOnlyMemory<byte>? ReadNullableBytes(bool flexible)
    {
        var length = flexible ? CompactLength() : ReadInt32();
        if (length < 0)
        {
            return length == -1 ? null : throw NegativeLength(length);
        }

        Take(length);
        return _memory.Slice(_position - length, length);
    }

    /// <summary>Reads the length of an ARRAY, or of a COMPACT_ARRAY in a flexible version; -1 for null.</summary>
    public int ReadArrayLength(bool flexible)
    {
        var length = flexible ? CompactLength() : ReadInt32();
        if (length < -1)
        {
            throw NegativeLength(length);
        }

        // Each element has at least one byte, so a larger number can only be wrong.
        if (length > Remaining)
        {
            throw new KafkaProtocolException($"The array before byte {_position} has {length} elements, but only {Remaining} bytes are left.");
        }

        return length;
    }

    /// <summary>How many elements to make room for at first: what an array announces is not believed beyond this.</summary>
    public readonly int InitialCapacity(int length) => Math.Min(length, MaxInitialCapacity);

    /// <summary>Reads whether a nullable structure is there.</summary>
    public bool ReadIsPresent() => ReadInt8() >= 0;

    /// <summary>Reads the number of tagged fields (KIP-482).</summary>
    public int ReadTaggedFieldCount()
    {
        var count = ReadUnsignedVarInt();
        return count <= (uint)Remaining
            ? (int)count
            : throw new KafkaProtocolException($"{count} tagged fields are announced before byte {_position}, but only {Remaining} bytes are left.");
    }

    /// <summary>Reads a tag and its size; returns where the field ends, for <see cref="EndTag"/>.</summary>
    public int ReadTag(out uint tag)
    {
        tag = ReadUnsignedVarInt();
        var size = ReadUnsignedVarInt();
        return size <= (uint)Remaining
            ? _position + (int)size
            : throw new KafkaProtocolException($"The tagged field {tag} has {size} bytes, but only {Remaining} are left.");
    }

    /// <summary>Goes to the end of a tagged field, past what this code does not know.</summary>
    public void EndTag(int end)
    {
        if (_position > end)
        {
            throw new KafkaProtocolException($"A tagged field that ends at byte {end} was read up to {_position}.");
        }

        _position = end;
    }

    /// <summary>Skips all tagged fields.</summary>
    public void SkipTaggedFields()
    {
        for (var count = ReadTaggedFieldCount(); count > 0; count--)
        {
            EndTag(ReadTag(out _));
        }
    }

    /// <summary>The error of a field that is null and must not be.</summary>
    public readonly KafkaProtocolException NullNotAllowed(string field)
        => new($"{field} is null before byte {_position}; it must not be.");

    private int CompactLength()
    {
        var encoded = ReadUnsignedVarInt();
        return encoded <= int.MaxValue ? (int)encoded - 1 : throw new KafkaProtocolException($"The length before byte {_position} is {encoded - 1L}.");
    }

    private readonly KafkaProtocolException NegativeLength(int length)
        => new($"The length before byte {_position} is {length}; it must be at least -1.");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining)
        {
            throw new KafkaProtocolException($"{count} bytes are needed at byte {_position}, but only {Remaining} are left.");
        }

        var taken = _span.Slice(_position, count);
        _position += count;
        return taken;
    }
}
