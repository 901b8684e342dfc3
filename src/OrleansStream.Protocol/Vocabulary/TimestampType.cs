namespace OrleansStream;

/// <summary>What a record's timestamp means (KIP-32): bit 3 of the batch's attributes.</summary>
public enum TimestampType : byte
{
    /// <summary>The time at which the producer created the record.</summary>
    CreateTime = 0,

    /// <summary>The time at which the leader appended the batch.</summary>
    LogAppendTime = 1,
}
