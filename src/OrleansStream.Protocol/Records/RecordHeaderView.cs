using System.Text;

namespace OrleansStream.Protocol.Records;

/// <summary>A header where it lies in the record.</summary>
public readonly ref struct RecordHeaderView
{
    internal RecordHeaderView(ReadOnlySpan<byte> keyUtf8, NullableSpan value)
    {
        KeyUtf8 = keyUtf8;
        Value = value;
    }

    /// <summary>The name in UTF-8.</summary>
    public ReadOnlySpan<byte> KeyUtf8 { get; }

    /// <summary>The value or null.</summary>
    public NullableSpan Value { get; }

    /// <summary>The name as a string (allocates).</summary>
    public string GetKey() => Encoding.UTF8.GetString(KeyUtf8);

    /// <summary>A copy that outlives the buffer (allocates).</summary>
    public RecordHeader ToHeader() => new(GetKey(), Value.HasValue ? Value.Span.ToArray() : default(ReadOnlyMemory<byte>?));
}
