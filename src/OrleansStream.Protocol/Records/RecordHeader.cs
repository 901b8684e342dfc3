namespace OrleansStream.Protocol.Records;

/// <summary>A header of a record (KIP-82): a name, which may occur more than once, and a value, which may be null.</summary>
/// <param name="Key">The name; never null, may be empty.</param>
/// <param name="Value">The value or null.</param>
public readonly record struct RecordHeader(string Key, ReadOnlyMemory<byte>? Value);
