using System.Buffers.Binary;
using System.ComponentModel;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>A time span: its ticks, as a zigzag varint.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct TimeSpanCodec : IValueCodec<TimeSpan>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, TimeSpan value) => writer.WriteVarInt64(value.Ticks);

    /// <inheritdoc/>
    public TimeSpan Read(ref MessageReader reader) => new(reader.ReadVarInt64());

    /// <inheritdoc/>
    public TimeSpan Copy(TimeSpan value) => value;
}

/// <summary>A date and time with its offset: the local ticks in eight bytes and the offset's minutes in two.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DateTimeOffsetCodec : IValueCodec<DateTimeOffset>
{
    private const int Size = sizeof(long) + sizeof(short);

    /// <inheritdoc/>
    public WireType WireType => WireType.Bytes;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, DateTimeOffset value)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value.Ticks);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[sizeof(long)..], (short)value.TotalOffsetMinutes);
        writer.WriteBytes(bytes);
    }

    /// <inheritdoc/>
    public DateTimeOffset Read(ref MessageReader reader)
    {
        var bytes = reader.ReadSpan();
        if (bytes.Length != Size)
        {
            throw reader.Malformed($"a date and time with offset has {Size} bytes, not {bytes.Length}");
        }

        var ticks = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var minutes = BinaryPrimitives.ReadInt16LittleEndian(bytes[sizeof(long)..]);
        try
        {
            return new DateTimeOffset(ticks, TimeSpan.FromMinutes(minutes));
        }
        catch (ArgumentException)
        {
            throw reader.Malformed($"{ticks} ticks with an offset of {minutes} minutes are not a date and time");
        }
    }

    /// <inheritdoc/>
    public DateTimeOffset Copy(DateTimeOffset value) => value;
}
