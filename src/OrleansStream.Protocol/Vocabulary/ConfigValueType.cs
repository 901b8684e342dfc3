namespace OrleansStream;

/// <summary>The type of a configuration value, with Kafka's numbers (KIP-569).</summary>
public enum ConfigValueType : byte
{
    /// <summary>true or false.</summary>
    Boolean = 1,

    /// <summary>Text.</summary>
    String = 2,

    /// <summary>A 32-bit integer.</summary>
    Int = 3,

    /// <summary>A 16-bit integer.</summary>
    Short = 4,

    /// <summary>A 64-bit integer.</summary>
    Long = 5,

    /// <summary>A floating-point number.</summary>
    Double = 6,

    /// <summary>Texts with commas between them.</summary>
    List = 7,

    /// <summary>A class name.</summary>
    Class = 8,

    /// <summary>A secret.</summary>
    Password = 9,
}
