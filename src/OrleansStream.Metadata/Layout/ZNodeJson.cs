using System.Text.Json.Serialization;

namespace OrleansStream.Metadata.Layout;

/// <summary>Kafka's JSON, field by field. Fields that are not known are passed over.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(BrokerJson))]
[JsonSerializable(typeof(TopicJson))]
[JsonSerializable(typeof(PartitionStateJson))]
[JsonSerializable(typeof(ControllerJson))]
[JsonSerializable(typeof(ConfigJson))]
[JsonSerializable(typeof(ConfigChangeJson))]
[JsonSerializable(typeof(IsrChangeJson))]
[JsonSerializable(typeof(ProducerIdBlockJson))]
[JsonSerializable(typeof(ClusterIdJson))]
internal sealed partial class ZNodeJson : JsonSerializerContext;

internal sealed class BrokerJson
{
    public int Version { get; set; } = 5;

    public string? Host { get; set; }

    public int Port { get; set; } = -1;

    public int JmxPort { get; set; } = -1;

    public string? Timestamp { get; set; }

    public string[]? Endpoints { get; set; }

    public string? Rack { get; set; }

    public SortedDictionary<string, string>? ListenerSecurityProtocolMap { get; set; }

    public SortedDictionary<string, SortedDictionary<string, int>>? Features { get; set; }

    /// <summary>Ours.</summary>
    public string? GatewayHost { get; set; }

    /// <summary>Ours.</summary>
    public int? GatewayPort { get; set; }

    /// <summary>Ours: the transaction since which the logs are there.</summary>
    public long? LogsSince { get; set; }

    /// <summary>Ours: the transaction since which every stop was in order.</summary>
    public long? OrderlySince { get; set; }
}

internal sealed class TopicJson
{
    public int Version { get; set; } = 3;

    public string? TopicId { get; set; }

    public Dictionary<string, int[]>? Partitions { get; set; }

    public Dictionary<string, int[]>? AddingReplicas { get; set; }

    public Dictionary<string, int[]>? RemovingReplicas { get; set; }
}

internal sealed class PartitionStateJson
{
    [JsonRequired]
    public int ControllerEpoch { get; set; }

    [JsonRequired]
    public int Leader { get; set; }

    public int Version { get; set; } = 1;

    [JsonRequired]
    public int LeaderEpoch { get; set; }

    [JsonRequired]
    public int[] Isr { get; set; } = [];

    /// <summary>Ours: the eligible leader replicas (KIP-966).</summary>
    public int[]? Elr { get; set; }

    /// <summary>Ours: the broker epochs under which the members of ISR and ELR were counted in.</summary>
    public SortedDictionary<string, long>? BrokerEpochs { get; set; }
}

internal sealed class ControllerJson
{
    public int Version { get; set; } = 1;

    [JsonRequired]
    [JsonPropertyName("brokerid")]
    public int BrokerId { get; set; }

    public string? Timestamp { get; set; }
}

internal sealed class ConfigJson
{
    public int Version { get; set; } = 1;

    public SortedDictionary<string, string>? Config { get; set; }
}

internal sealed class ConfigChangeJson
{
    public int Version { get; set; } = 2;

    [JsonRequired]
    public string EntityPath { get; set; } = string.Empty;
}

internal sealed class IsrChangeJson
{
    public int Version { get; set; } = 1;

    [JsonRequired]
    public IsrChangePartitionJson[] Partitions { get; set; } = [];
}

internal sealed class IsrChangePartitionJson
{
    [JsonRequired]
    public string Topic { get; set; } = string.Empty;

    [JsonRequired]
    public int Partition { get; set; }
}

internal sealed class ProducerIdBlockJson
{
    public int Version { get; set; } = 1;

    [JsonRequired]
    public int Broker { get; set; }

    [JsonRequired]
    public string BlockStart { get; set; } = string.Empty;

    [JsonRequired]
    public string BlockEnd { get; set; } = string.Empty;
}

internal sealed class ClusterIdJson
{
    public string Version { get; set; } = "1";

    [JsonRequired]
    public string Id { get; set; } = string.Empty;
}
