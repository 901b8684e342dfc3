using System.Text;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>Reading headers.</summary>
public static class RecordHeaderExtensions
{
    /// <summary>The value read as UTF-8; null when the value is null.</summary>
    public static string? GetString(this RecordHeader header)
        => header.Value is { } value ? Encoding.UTF8.GetString(value.Span) : null;
}
