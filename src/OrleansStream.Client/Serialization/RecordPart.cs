namespace OrleansStream.Client;

/// <summary>Which part of a record is (de)serialized.</summary>
public enum RecordPart : byte
{
    /// <summary>The key.</summary>
    Key,

    /// <summary>The value.</summary>
    Value,
}
