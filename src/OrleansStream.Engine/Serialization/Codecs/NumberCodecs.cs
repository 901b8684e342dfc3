using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A Boolean: 0 or 1.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct BooleanCodec : IValueCodec<bool>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, bool value) => writer.WriteBoolean(value);

    /// <inheritdoc/>
    public bool Read(ref MessageReader reader) => reader.ReadBoolean();

    /// <inheritdoc/>
    public bool Copy(bool value) => value;
}

/// <summary>A byte, as a varint.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ByteCodec : IValueCodec<byte>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, byte value) => writer.WriteVarUInt32(value);

    /// <inheritdoc/>
    public byte Read(ref MessageReader reader) => reader.ReadVarUInt32() is <= byte.MaxValue and var value ? (byte)value : throw reader.Malformed("a number does not fit byte");

    /// <inheritdoc/>
    public byte Copy(byte value) => value;
}

/// <summary>A 16-bit number, as a zigzag varint.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Int16Codec : IValueCodec<short>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, short value) => writer.WriteVarInt32(value);

    /// <inheritdoc/>
    public short Read(ref MessageReader reader) => reader.ReadVarInt32() is >= short.MinValue and <= short.MaxValue and var value ? (short)value : throw reader.Malformed("a number does not fit short");

    /// <inheritdoc/>
    public short Copy(short value) => value;
}

/// <summary>A 32-bit number, as a zigzag varint.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Int32Codec : IValueCodec<int>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, int value) => writer.WriteVarInt32(value);

    /// <inheritdoc/>
    public int Read(ref MessageReader reader) => reader.ReadVarInt32();

    /// <inheritdoc/>
    public int Copy(int value) => value;
}

/// <summary>An unsigned 32-bit number, as a varint.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct UInt32Codec : IValueCodec<uint>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, uint value) => writer.WriteVarUInt32(value);

    /// <inheritdoc/>
    public uint Read(ref MessageReader reader) => reader.ReadVarUInt32();

    /// <inheritdoc/>
    public uint Copy(uint value) => value;
}

/// <summary>A 64-bit number, as a zigzag varint.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Int64Codec : IValueCodec<long>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, long value) => writer.WriteVarInt64(value);

    /// <inheritdoc/>
    public long Read(ref MessageReader reader) => reader.ReadVarInt64();

    /// <inheritdoc/>
    public long Copy(long value) => value;
}

/// <summary>An unsigned 64-bit number, as a varint.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct UInt64Codec : IValueCodec<ulong>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, ulong value) => writer.WriteVarUInt64(value);

    /// <inheritdoc/>
    public ulong Read(ref MessageReader reader) => reader.ReadVarUInt64();

    /// <inheritdoc/>
    public ulong Copy(ulong value) => value;
}

/// <summary>A single-precision number: four bytes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SingleCodec : IValueCodec<float>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Fixed32;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, float value) => writer.WriteSingle(value);

    /// <inheritdoc/>
    public float Read(ref MessageReader reader) => reader.ReadSingle();

    /// <inheritdoc/>
    public float Copy(float value) => value;
}

/// <summary>A double-precision number: eight bytes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DoubleCodec : IValueCodec<double>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Fixed64;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, double value) => writer.WriteDouble(value);

    /// <inheritdoc/>
    public double Read(ref MessageReader reader) => reader.ReadDouble();

    /// <inheritdoc/>
    public double Copy(double value) => value;
}
