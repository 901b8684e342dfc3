using System.Text;

namespace OrleansStream.Client;

/// <summary>One header of a record (KIP-82).</summary>
/// <param name="Key">The header's name; names may repeat.</param>
/// <param name="Value">The header's value; null is a value of its own, different from empty.</param>
public readonly record struct Header(string Key, ReadOnlyMemory<byte>? Value)
{
    /// <summary>The value read as UTF-8; null when the value is null.</summary>
    public string? GetString() => Value is { } value ? Encoding.UTF8.GetString(value.Span) : null;
}
