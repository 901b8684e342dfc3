namespace OrleansStream;

/// <summary>What to do with a configuration entry, with Kafka's numbers (KIP-339).</summary>
public enum ConfigOperation : byte
{
    /// <summary>Give it a value.</summary>
    Set = 0,

    /// <summary>Back to the default.</summary>
    Delete = 1,

    /// <summary>Add to a list.</summary>
    Append = 2,

    /// <summary>Remove from a list.</summary>
    Subtract = 3,
}
