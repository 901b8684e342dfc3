namespace OrleansStream.Protocol.Records;

/// <summary>
/// Bytes that may be null, as Kafka's keys, values and header values may be: null and empty are two different things
/// on the wire (-1 and 0). The default value is null.
/// </summary>
public readonly ref struct NullableSpan
{
    private readonly ReadOnlySpan<byte> _span;

    /// <summary>Bytes that are not null.</summary>
    public NullableSpan(ReadOnlySpan<byte> span)
    {
        _span = span;
        HasValue = true;
    }

    /// <summary>Null.</summary>
    public static NullableSpan Null => default;

    /// <summary>False for null.</summary>
    public bool HasValue { get; }

    /// <summary>True for null.</summary>
    public bool IsNull => !HasValue;

    /// <summary>The bytes; empty for null.</summary>
    public ReadOnlySpan<byte> Span => _span;

    /// <summary>The number of bytes; 0 for null.</summary>
    public int Length => _span.Length;

    /// <summary>The length as the wire has it: -1 for null.</summary>
    internal int WireLength => HasValue ? _span.Length : -1;

    /// <summary>A null array is null, every other one its bytes.</summary>
    public static implicit operator NullableSpan(byte[]? bytes) => bytes is null ? default : new NullableSpan(bytes);

    /// <summary>Never null: an empty span, the default one too, is an empty key or value.</summary>
    public static implicit operator NullableSpan(ReadOnlySpan<byte> span) => new(span);

    /// <summary>Never null: an empty span, the default one too, is an empty key or value.</summary>
    public static implicit operator NullableSpan(Span<byte> span) => new(span);

    /// <summary>Never null: empty memory, the default one too, is an empty key or value.</summary>
    public static implicit operator NullableSpan(ReadOnlyMemory<byte> memory) => new(memory.Span);

    /// <summary>Null without a value, else its bytes. (Not an implicit conversion, so that the literal null can be one.)</summary>
    public static NullableSpan From(ReadOnlyMemory<byte>? memory) => memory is { } value ? new NullableSpan(value.Span) : default;

    /// <summary>A copy of the bytes, or null.</summary>
    public byte[]? ToArray() => HasValue ? _span.ToArray() : null;
}
