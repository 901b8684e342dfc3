namespace OrleansStream.Abstractions;

/// <summary>The timestamps with a meaning of their own in Kafka's ListOffsets.</summary>
public static class ListOffsetTimestamps
{
    /// <summary>The end of the log that the isolation level allows.</summary>
    public const long Latest = -1;

    /// <summary>The log start offset.</summary>
    public const long Earliest = -2;

    /// <summary>The offset of the record with the largest timestamp (KIP-734).</summary>
    public const long MaxTimestamp = -3;
}
