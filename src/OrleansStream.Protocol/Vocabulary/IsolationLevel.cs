namespace OrleansStream;

/// <summary>Which records a fetch may return (KIP-98).</summary>
public enum IsolationLevel : byte
{
    /// <summary>Everything below the high watermark.</summary>
    ReadUncommitted = 0,

    /// <summary>Everything below the last stable offset.</summary>
    ReadCommitted = 1,
}
