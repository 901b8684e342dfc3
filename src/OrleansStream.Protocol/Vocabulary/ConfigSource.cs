namespace OrleansStream;

/// <summary>Where a configuration value comes from, with Kafka's numbers (KIP-226).</summary>
public enum ConfigSource : byte
{
    /// <summary>Set on the topic.</summary>
    DynamicTopicConfig = 1,

    /// <summary>Set on this broker while it runs.</summary>
    DynamicBrokerConfig = 2,

    /// <summary>Set for all brokers while they run.</summary>
    DynamicDefaultBrokerConfig = 3,

    /// <summary>Given when the broker was started.</summary>
    StaticBrokerConfig = 4,

    /// <summary>The built-in default.</summary>
    DefaultConfig = 5,
}
