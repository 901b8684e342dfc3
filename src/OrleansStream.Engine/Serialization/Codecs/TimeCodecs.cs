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

/// <summary>A date: its day number, as a varint.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DateOnlyCodec : IValueCodec<DateOnly>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, DateOnly value) => writer.WriteVarUInt32((uint)value.DayNumber);

    /// <inheritdoc/>
    public DateOnly Read(ref MessageReader reader) => reader.ReadVarUInt32() is var day && day <= (uint)DateOnly.MaxValue.DayNumber
        ? DateOnly.FromDayNumber((int)day)
        : throw reader.Malformed($"{day} is not a day number");

    /// <inheritdoc/>
    public DateOnly Copy(DateOnly value) => value;
}

/// <summary>A time of day: its ticks, as a varint.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct TimeOnlyCodec : IValueCodec<TimeOnly>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Varint;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, TimeOnly value) => writer.WriteVarUInt64((ulong)value.Ticks);

    /// <inheritdoc/>
    public TimeOnly Read(ref MessageReader reader) => reader.ReadVarUInt64() is var ticks && ticks <= (ulong)TimeOnly.MaxValue.Ticks
        ? new TimeOnly((long)ticks)
        : throw reader.Malformed($"{ticks} is not the ticks of a time of day");

    /// <inheritdoc/>
    public TimeOnly Copy(TimeOnly value) => value;
}

/// <summary>A date and time with its kind: eight bytes, as <see cref="DateTime.ToBinary"/> makes them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DateTimeCodec : IValueCodec<DateTime>
{
    /// <inheritdoc/>
    public WireType WireType => WireType.Fixed64;

    /// <inheritdoc/>
    public bool IsImmutable => true;

    /// <inheritdoc/>
    public void Write(MessageWriter writer, DateTime value) => writer.WriteFixed64((ulong)value.ToBinary());

    /// <inheritdoc/>
    public DateTime Read(ref MessageReader reader)
    {
        var binary = (long)reader.ReadFixed64();
        try
        {
            return DateTime.FromBinary(binary);
        }
        catch (ArgumentException)
        {
            throw reader.Malformed($"{binary} is not a date and time");
        }
    }

    /// <inheritdoc/>
    public DateTime Copy(DateTime value) => value;
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
