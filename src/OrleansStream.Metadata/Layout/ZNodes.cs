using System.Globalization;

namespace OrleansStream.Metadata.Layout;

/// <summary>The paths of the tree, as Apache Kafka lays it out in ZooKeeper.</summary>
public static class ZNodes
{
    /// <summary>The parent of the brokers.</summary>
    public const string BrokerIds = "/brokers/ids";

    /// <summary>Kafka's source of numbers: each write to it gets one.</summary>
    public const string BrokerSequence = "/brokers/seqid";

    /// <summary>The parent of the topics.</summary>
    public const string Topics = "/brokers/topics";

    /// <summary>The controller; ephemeral.</summary>
    public const string Controller = "/controller";

    /// <summary>The epoch of the last election; its version fences the controller's writes.</summary>
    public const string ControllerEpoch = "/controller_epoch";

    /// <summary>The parent of the marks for deletion.</summary>
    public const string DeleteTopics = "/admin/delete_topics";

    /// <summary>The parent of all configurations and quotas.</summary>
    public const string Config = "/config";

    /// <summary>The parent of the topics' configurations.</summary>
    public const string TopicConfigs = "/config/topics";

    /// <summary>The parent of the brokers' configurations.</summary>
    public const string BrokerConfigs = "/config/brokers";

    /// <summary>The parent of the notifications of changed configurations.</summary>
    public const string ConfigChanges = "/config/changes";

    /// <summary>What notifications of changed configurations are named before their number.</summary>
    public const string ConfigChangePrefix = "config_change_";

    /// <summary>The parent of the notifications of ISRs that leaders have changed.</summary>
    public const string IsrChanges = "/isr_change_notification";

    /// <summary>What notifications of changed ISRs are named before their number.</summary>
    public const string IsrChangePrefix = "isr_change_";

    /// <summary>The block of producer ids that was handed out last.</summary>
    public const string ProducerIdBlock = "/latest_producer_id_block";

    /// <summary>The cluster's id.</summary>
    public const string ClusterId = "/cluster/id";

    /// <summary>The name of the configuration that holds for all brokers.</summary>
    public const string DefaultEntity = "<default>";

    /// <summary>The persistent nodes that every cluster has, parents first.</summary>
    public static IReadOnlyList<string> Persistent { get; } =
    [
        "/brokers", BrokerIds, BrokerSequence, Topics, "/admin", DeleteTopics, Config, TopicConfigs, BrokerConfigs, "/config/clients", "/config/users",
        "/config/ips", ConfigChanges, IsrChanges, ProducerIdBlock, "/cluster",
    ];

    /// <summary>A broker; ephemeral.</summary>
    public static string Broker(int brokerId) => $"{BrokerIds}/{Text(brokerId)}";

    /// <summary>A topic.</summary>
    public static string Topic(string topic) => $"{Topics}/{topic}";

    /// <summary>The parent of a topic's partitions.</summary>
    public static string Partitions(string topic) => $"{Topics}/{topic}/partitions";

    /// <summary>A partition.</summary>
    public static string Partition(TopicPartition partition) => $"{Topics}/{partition.Topic}/partitions/{Text(partition.Partition)}";

    /// <summary>A partition's leader and ISR.</summary>
    public static string PartitionState(TopicPartition partition) => $"{Partition(partition)}/state";

    /// <summary>A topic's mark for deletion.</summary>
    public static string DeleteTopic(string topic) => $"{DeleteTopics}/{topic}";

    /// <summary>A topic's configuration.</summary>
    public static string TopicConfig(string topic) => $"{TopicConfigs}/{topic}";

    /// <summary>A broker's configuration; null for that of all brokers.</summary>
    public static string BrokerConfig(int? brokerId) => $"{BrokerConfigs}/{(brokerId is { } id ? Text(id) : DefaultEntity)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
