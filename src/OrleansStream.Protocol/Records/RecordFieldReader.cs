using System.Runtime.CompilerServices;

namespace OrleansStream.Protocol.Records;

/// <summary>
/// Reads the fields of one record. The record's length is known, so a field that goes beyond it is malformed,
/// not incomplete.
/// </summary>
internal ref struct RecordFieldReader
{
    private readonly ReadOnlySpan<byte> _source;

    public RecordFieldReader(ReadOnlySpan<byte> source) => _source = source;

    /// <summary>Where the next field starts.</summary>
    public int Position { get; private set; }

    public readonly int Remaining => _source.Length - Position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public sbyte ReadInt8(string field)
    {
        if (Remaining < 1)
        {
            EndsWithin(field);
        }

        return (sbyte)_source[Position++];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadVarInt(string field)
    {
        if (!VarInt.TryReadInt32(_source[Position..], out var value, out var bytesRead))
        {
            EndsWithin(field);
        }

        Position += bytesRead;
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadVarLong(string field)
    {
        if (!VarInt.TryReadInt64(_source[Position..], out var value, out var bytesRead))
        {
            EndsWithin(field);
        }

        Position += bytesRead;
        return value;
    }

    /// <summary>Reads a length and skips the bytes: -1 for null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SkipNullable(string field)
    {
        var length = ReadVarInt(field);
        if (length > Remaining || length < -1)
        {
            WrongLength(field, length, Remaining);
        }

        Position += Math.Max(length, 0);
        return length;
    }

    public NullableSpan ReadNullable(string field)
    {
        var length = SkipNullable(field);
        return length < 0 ? NullableSpan.Null : new NullableSpan(_source.Slice(Position - length, length));
    }

    public ReadOnlySpan<byte> ReadHeaderKey()
    {
        var length = SkipNullable("header key");
        if (length < 0)
        {
            Malformed.Record("A header key is null; only its value may be.");
        }

        return _source.Slice(Position - length, length);
    }

    private static void EndsWithin(string field) => Malformed.Record($"A record ends within its {field}.");

    private static void WrongLength(string field, int length, int remaining) =>
        Malformed.Record($"A record's {field} has the length {length}; -1 (null) to {remaining} (what is left of the record) are possible.");
}
