namespace OrleansStream;

/// <summary>Kafka's kinds of configured resources, with Kafka's numbers.</summary>
public enum ConfigResourceType : byte
{
    /// <summary>A topic.</summary>
    Topic = 2,

    /// <summary>A broker.</summary>
    Broker = 4,
}
