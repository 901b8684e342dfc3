using System.Buffers;
using System.Buffers.Binary;
using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using Orleans.Serialization;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// Builds one message: a pooled head buffer, plus large byte memories by reference, so that a record payload is not
/// copied before it reaches the socket's pipe. Rent one with <see cref="Rent"/>; its one owner gives it back with
/// <see cref="Return"/>. Not thread-safe.
/// </summary>
/// <remarks>
/// Memory that was handed to <see cref="WriteMemory"/> must not change until the writer is returned.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed partial class MessageWriter
{
    /// <summary>Byte memories from this size on are held by reference, smaller ones are copied.</summary>
    public const int ReferenceThreshold = 4096;

    /// <summary>How deep objects and sequences may nest; deeper ones are most likely a cycle.</summary>
    public const int MaxDepth = 128;

    /// <summary>The key that announces a derived class's name.</summary>
    internal const byte DerivedMark = (1 << 3) | (byte)WireType.Null;

    private byte[] _head;
    private int _headLength;
    private long _referencedLength;
    private int _depth;

    /// <summary>The bytes written so far, referenced memories included.</summary>
    /// <exception cref="SerializerException">The message is larger than <see cref="int.MaxValue"/>.</exception>
    public int Length
    {
        get
        {
            var length = _headLength + _referencedLength;
            return length <= int.MaxValue
                ? (int)length
                : throw new SerializerException($"The message has {length} bytes; one message can have at most {int.MaxValue}.");
        }
    }

    /// <summary>Begins a field of an object.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteFieldHeader(uint id, WireType type) => WriteVarUInt32((id << 3) | (uint)type);

    /// <summary>Writes a field: its header and its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteField<T, TCodec>(uint id, T value)
        where TCodec : struct, IValueCodec<T>
    {
        WriteFieldHeader(id, default(TCodec).WireType);
        default(TCodec).Write(this, value);
    }

    /// <summary>Begins an object that is not null; <see cref="EndObject"/> ends it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void BeginObject() => Enter();

    /// <summary>Ends an object.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndObject()
    {
        _depth--;
        WriteByte((byte)WireType.End);
    }

    /// <summary>Ends the fields of a base class; those of the next class follow, with ids of their own.</summary>
    public void EndBase() => WriteByte((1 << 3) | (byte)WireType.End);

    /// <summary>Writes an object that is null.</summary>
    public void WriteNullObject() => WriteByte((byte)WireType.Null);

    /// <summary>Writes the name of a derived class before its object, where a base class is declared.</summary>
    public void WriteDerivedName(string name)
    {
        WriteByte(DerivedMark);
        WriteString(name);
    }

    /// <summary>Begins a sequence; <paramref name="count"/> elements follow, then <see cref="EndSequence"/>.</summary>
    public void BeginSequence(int count, WireType elementType)
    {
        Enter();
        WriteVarUInt64((((ulong)(uint)count << 3) | (uint)elementType) + 1);
    }

    /// <summary>Ends a sequence. Nothing is written: the count says where it ends.</summary>
    public void EndSequence() => _depth--;

    /// <summary>Writes a sequence that is null.</summary>
    public void WriteNullSequence() => WriteByte(0);

    /// <summary>Writes one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        var position = _headLength;
        var head = _head;
        if ((uint)position >= (uint)head.Length)
        {
            Grow(1);
            head = _head;
        }

        head[position] = value;
        _headLength = position + 1;
    }

    /// <summary>Writes an unsigned varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarUInt32(uint value)
    {
        if (value < 0x80)
        {
            WriteByte((byte)value);
        }
        else
        {
            WriteLongVarint(value);
        }
    }

    /// <summary>Writes an unsigned varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarUInt64(ulong value)
    {
        if (value < 0x80)
        {
            WriteByte((byte)value);
        }
        else
        {
            WriteLongVarint(value);
        }
    }

    /// <summary>Writes a signed varint, zigzag-encoded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarInt32(int value) => WriteVarUInt32(((uint)value << 1) ^ (uint)(value >> 31));

    /// <summary>Writes a signed varint, zigzag-encoded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarInt64(long value) => WriteVarUInt64(((ulong)value << 1) ^ (ulong)(value >> 63));

    /// <summary>Writes four bytes, little endian.</summary>
    public void WriteFixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Ensure(sizeof(uint)), value);
        _headLength += sizeof(uint);
    }

    /// <summary>Writes eight bytes, little endian.</summary>
    public void WriteFixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Ensure(sizeof(ulong)), value);
        _headLength += sizeof(ulong);
    }

    /// <summary>Writes a Boolean as one byte.</summary>
    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>Writes a single-precision number as four bytes.</summary>
    public void WriteSingle(float value) => WriteFixed32(BitConverter.SingleToUInt32Bits(value));

    /// <summary>Writes a double-precision number as eight bytes.</summary>
    public void WriteDouble(double value) => WriteFixed64(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes a GUID as length-prefixed bytes, in the order of <see cref="Guid.ToByteArray()"/>.</summary>
    public void WriteGuid(Guid value)
    {
        WriteByte(16 + 1);
        value.TryWriteBytes(Ensure(16));
        _headLength += 16;
    }

    /// <summary>Writes a string as length-prefixed UTF-8; null is allowed. A lone surrogate becomes U+FFFD.</summary>
    public void WriteString(string? value)
    {
        if (value is null)
        {
            WriteByte(0);
            return;
        }

        // Up to 42 characters the length fits one byte whatever they are, so one pass over them is enough.
        if (value.Length <= 42)
        {
            var destination = Ensure(1 + (value.Length * 3));
            var written = Encoding.UTF8.GetBytes(value, destination[1..]);
            destination[0] = (byte)(written + 1);
            _headLength += 1 + written;
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        WriteVarUInt32((uint)length + 1);
        _headLength += Encoding.UTF8.GetBytes(value, Ensure(length));
    }

    /// <summary>Writes length-prefixed bytes by copying them.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteVarUInt32((uint)value.Length + 1);
        WriteRaw(value);
    }

    /// <summary>
    /// Writes length-prefixed bytes: small ones are copied, from <see cref="ReferenceThreshold"/> on they are held by
    /// reference until the writer is returned.
    /// </summary>
    public void WriteMemory(ReadOnlyMemory<byte> value)
    {
        WriteVarUInt32((uint)value.Length + 1);
        if (value.Length < ReferenceThreshold)
        {
            WriteRaw(value.Span);
        }
        else
        {
            AddReference(value);
        }
    }

    /// <summary>Writes bytes as they are, without a length.</summary>
    public void WriteRaw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Ensure(value.Length));
        _headLength += value.Length;
    }

    /// <summary>
    /// Reserves four bytes for a number that is known later, such as a length; pass the result to <see cref="PatchFixed32"/>.
    /// </summary>
    public int ReserveFixed32()
    {
        Ensure(sizeof(uint));
        var reservation = _headLength;
        _headLength += sizeof(uint);
        return reservation;
    }

    /// <summary>Fills in four reserved bytes, little endian.</summary>
    public void PatchFixed32(int reservation, uint value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(reservation);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(reservation, _headLength - sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(_head.AsSpan(reservation), value);
    }

    private void WriteLongVarint(ulong value)
    {
        var destination = Ensure(10);
        var count = 0;
        while (value >= 0x80)
        {
            destination[count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[count++] = (byte)value;
        _headLength += count;
    }

    private void Enter()
    {
        if (++_depth > MaxDepth)
        {
            throw new SerializerException($"The message nests deeper than {MaxDepth} levels; does it hold a cycle?");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Ensure(int count)
    {
        if (_head.Length - _headLength < count)
        {
            Grow(count);
        }

        return _head.AsSpan(_headLength);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        var required = (long)_headLength + count;
        if (required > Array.MaxLength)
        {
            throw new SerializerException($"The message has over {Array.MaxLength} bytes besides its large memories.");
        }

        var size = (int)Math.Min(BitOperations.RoundUpToPowerOf2((ulong)required), (ulong)Array.MaxLength);
        var larger = ArrayPool<byte>.Shared.Rent(size);
        _head.AsSpan(0, _headLength).CopyTo(larger);
        ReleaseHead();
        _head = larger;
    }
}
