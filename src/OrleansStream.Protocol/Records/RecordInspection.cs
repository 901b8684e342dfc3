namespace OrleansStream.Protocol.Records;

/// <summary>How deep a <see cref="RecordBatchValidator"/> looks.</summary>
public enum RecordInspection
{
    /// <summary>Header and CRC.</summary>
    Header,

    /// <summary>The records as well where the batch is not compressed.</summary>
    Uncompressed,

    /// <summary>The records as well, decompressed if need be.</summary>
    All,
}
