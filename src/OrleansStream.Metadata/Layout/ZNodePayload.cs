using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansStream.Core.Controller;
using OrleansStream.Core.Topics;

namespace OrleansStream.Metadata.Layout;

/// <summary>What the nodes hold, written and read as Apache Kafka does.</summary>
/// <exception cref="ZNodeFormatException">Each <c>Read…</c> throws it for content that is malformed.</exception>
public static class ZNodePayload
{
    /// <summary>A broker: version 5, with the gateway's address under keys of our own.</summary>
    public static byte[] WriteBroker(BrokerRegistration broker, long timestampMs)
    {
        ArgumentNullException.ThrowIfNull(broker);
        var plaintext = broker.Endpoints.FirstOrDefault(endpoint => endpoint.SecurityProtocol == "PLAINTEXT");
        return Write(
            new BrokerJson
            {
                Host = plaintext?.Host,
                Port = plaintext?.Port ?? -1,
                Timestamp = Text(timestampMs),
                Endpoints = [.. broker.Endpoints.Select(endpoint => $"{endpoint.ListenerName}://{HostText(endpoint.Host)}:{Text(endpoint.Port)}")],
                Rack = broker.Rack,
                ListenerSecurityProtocolMap = new(broker.Endpoints.ToDictionary(endpoint => endpoint.ListenerName, endpoint => endpoint.SecurityProtocol, StringComparer.Ordinal), StringComparer.Ordinal),
                Features = [],
                GatewayHost = broker.GatewayHost,
                GatewayPort = broker.GatewayPort,
                LogsSince = broker.LogsSince == 0 ? null : broker.LogsSince,
                OrderlySince = broker.OrderlySince == 0 ? null : broker.OrderlySince,
            },
            ZNodeJson.Default.BrokerJson);
    }

    /// <summary>Reads a broker.</summary>
    public static BrokerRegistration ReadBroker(int brokerId, ReadOnlyMemory<byte> data)
    {
        var path = ZNodes.Broker(brokerId);
        var json = Read(path, data, ZNodeJson.Default.BrokerJson);
        var endpoints = (json.Endpoints ?? []).Select(text => ReadEndpoint(path, text, json.ListenerSecurityProtocolMap)).ToImmutableArray();
        var host = json.GatewayHost ?? json.Host ?? endpoints.FirstOrDefault()?.Host ?? throw new ZNodeFormatException(path, "it names no host");
        return new BrokerRegistration(brokerId, endpoints, host, json.GatewayPort ?? -1, json.Rack)
        {
            LogsSince = json.LogsSince ?? 0,
            OrderlySince = json.OrderlySince ?? 0,
        };
    }

    /// <summary>A topic: version 3, with its id.</summary>
    public static byte[] WriteTopic(TopicAssignment topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return Write(
            new TopicJson
            {
                TopicId = topic.TopicId == Guid.Empty ? null : KafkaUuid.Encode(topic.TopicId),
                Partitions = Numbered(topic, assignment => assignment.Replicas, withEmpty: true),
                AddingReplicas = Numbered(topic, assignment => assignment.AddingReplicas, withEmpty: false),
                RemovingReplicas = Numbered(topic, assignment => assignment.RemovingReplicas, withEmpty: false),
            },
            ZNodeJson.Default.TopicJson);
    }

    /// <summary>Reads a topic; versions without topic id give an empty one.</summary>
    public static TopicAssignment ReadTopic(string topic, ReadOnlyMemory<byte> data)
    {
        var path = ZNodes.Topic(topic);
        var json = Read(path, data, ZNodeJson.Default.TopicJson);
        var topicId = Guid.Empty;
        if (json.TopicId is { } text && !KafkaUuid.TryDecode(text, out topicId))
        {
            throw new ZNodeFormatException(path, $"'{text}' is not a topic id");
        }

        var partitions = json.Partitions ?? [];
        var assignments = ImmutableArray.CreateBuilder<ReplicaAssignment>(partitions.Count);
        for (var i = 0; i < partitions.Count; i++)
        {
            var key = Text(i);
            assignments.Add(partitions.TryGetValue(key, out var replicas) && replicas is { Length: > 0 }
                ? new ReplicaAssignment([.. replicas], Of(json.AddingReplicas, key), Of(json.RemovingReplicas, key))
                : throw new ZNodeFormatException(path, $"it has {partitions.Count} partitions, but partition {i} is missing or has no replicas"));
        }

        return new TopicAssignment(topic, topicId, assignments.MoveToImmutable());
    }

    /// <summary>A partition's leader and ISR.</summary>
    public static byte[] WritePartitionState(LeaderAndIsr state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Write(
            new PartitionStateJson
            {
                ControllerEpoch = state.ControllerEpoch,
                Leader = state.Leader,
                LeaderEpoch = state.LeaderEpoch,
                Isr = [.. state.Isr],
                Elr = state.Elr.IsEmpty ? null : [.. state.Elr],
                BrokerEpochs = state.BrokerEpochs.IsEmpty
                    ? null
                    : new(state.BrokerEpochs.ToDictionary(entry => Text(entry.Key), entry => entry.Value, StringComparer.Ordinal), StringComparer.Ordinal),
            },
            ZNodeJson.Default.PartitionStateJson);
    }

    /// <summary>Reads a partition's leader and ISR.</summary>
    public static LeaderAndIsr ReadPartitionState(TopicPartition partition, ReadOnlyMemory<byte> data)
    {
        var json = Read(ZNodes.PartitionState(partition), data, ZNodeJson.Default.PartitionStateJson);
        return new LeaderAndIsr(json.Leader, json.LeaderEpoch, [.. json.Isr], json.ControllerEpoch)
        {
            Elr = [.. json.Elr ?? []],
            BrokerEpochs = (json.BrokerEpochs ?? []).ToImmutableSortedDictionary(
                entry => int.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    ? id
                    : throw new ZNodeFormatException(ZNodes.PartitionState(partition), $"'{entry.Key}' is not a broker id"),
                entry => entry.Value),
        };
    }

    /// <summary>The controller.</summary>
    public static byte[] WriteController(int brokerId, long timestampMs)
        => Write(new ControllerJson { BrokerId = brokerId, Timestamp = Text(timestampMs) }, ZNodeJson.Default.ControllerJson);

    /// <summary>Reads the controller's broker id.</summary>
    public static int ReadController(ReadOnlyMemory<byte> data) => Read(ZNodes.Controller, data, ZNodeJson.Default.ControllerJson).BrokerId;

    /// <summary>The controller's epoch: a number in text form.</summary>
    public static byte[] WriteControllerEpoch(int epoch) => Encoding.UTF8.GetBytes(Text(epoch));

    /// <summary>Reads the controller's epoch.</summary>
    public static int ReadControllerEpoch(ReadOnlyMemory<byte> data)
        => int.TryParse(Encoding.UTF8.GetString(data.Span), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            ? epoch
            : throw new ZNodeFormatException(ZNodes.ControllerEpoch, $"'{Encoding.UTF8.GetString(data.Span)}' is not a number");

    /// <summary>A configuration.</summary>
    public static byte[] WriteConfig(IReadOnlyDictionary<string, string> values)
        => Write(new ConfigJson { Config = new(values.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal) }, ZNodeJson.Default.ConfigJson);

    /// <summary>Reads a configuration; an empty node is an empty one.</summary>
    public static ImmutableDictionary<string, string> ReadConfig(string path, ReadOnlyMemory<byte> data)
        => data.IsEmpty
            ? ImmutableDictionary<string, string>.Empty
            : (Read(path, data, ZNodeJson.Default.ConfigJson).Config ?? []).ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>The notification of a changed configuration.</summary>
    /// <param name="entityPath">Type and name: <c>topics/orders</c>, <c>brokers/1</c>.</param>
    public static byte[] WriteConfigChange(string entityPath)
        => Write(new ConfigChangeJson { EntityPath = entityPath }, ZNodeJson.Default.ConfigChangeJson);

    /// <summary>Reads the notification of a changed configuration.</summary>
    public static string ReadConfigChange(string path, ReadOnlyMemory<byte> data) => Read(path, data, ZNodeJson.Default.ConfigChangeJson).EntityPath;

    /// <summary>The notification of changed ISRs.</summary>
    public static byte[] WriteIsrChange(IEnumerable<TopicPartition> partitions)
        => Write(
            new IsrChangeJson { Partitions = [.. partitions.Select(p => new IsrChangePartitionJson { Topic = p.Topic, Partition = p.Partition })] },
            ZNodeJson.Default.IsrChangeJson);

    /// <summary>Reads the notification of changed ISRs.</summary>
    public static ImmutableArray<TopicPartition> ReadIsrChange(string path, ReadOnlyMemory<byte> data)
        => [.. Read(path, data, ZNodeJson.Default.IsrChangeJson).Partitions.Select(p => new TopicPartition(p.Topic, p.Partition))];

    /// <summary>A block of producer ids (KIP-98).</summary>
    public static byte[] WriteProducerIdBlock(ProducerIdBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return Write(
            new ProducerIdBlockJson { Broker = block.BrokerId, BlockStart = Text(block.First), BlockEnd = Text(block.Last) },
            ZNodeJson.Default.ProducerIdBlockJson);
    }

    /// <summary>Reads a block of producer ids.</summary>
    public static ProducerIdBlock ReadProducerIdBlock(ReadOnlyMemory<byte> data)
    {
        var json = Read(ZNodes.ProducerIdBlock, data, ZNodeJson.Default.ProducerIdBlockJson);
        return long.TryParse(json.BlockStart, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && long.TryParse(json.BlockEnd, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && first <= last
            ? new ProducerIdBlock(json.Broker, first, last)
            : throw new ZNodeFormatException(ZNodes.ProducerIdBlock, $"'{json.BlockStart}' to '{json.BlockEnd}' is not a block");
    }

    /// <summary>The cluster's id.</summary>
    public static byte[] WriteClusterId(string clusterId) => Write(new ClusterIdJson { Id = clusterId }, ZNodeJson.Default.ClusterIdJson);

    /// <summary>Reads the cluster's id.</summary>
    public static string ReadClusterId(ReadOnlyMemory<byte> data) => Read(ZNodes.ClusterId, data, ZNodeJson.Default.ClusterIdJson).Id;

    private static byte[] Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    private static T Read<T>(string path, ReadOnlyMemory<byte> data, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(data.Span, type) ?? throw new ZNodeFormatException(path, "it is null");
        }
        catch (JsonException e)
        {
            throw new ZNodeFormatException(path, e.Message, e);
        }
    }

    private static BrokerEndpoint ReadEndpoint(string path, string text, IReadOnlyDictionary<string, string>? protocols)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var colon = text.LastIndexOf(':');
        if (scheme <= 0
            || colon < scheme + 3
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var port))
        {
            throw new ZNodeFormatException(path, $"'{text}' is not an endpoint of the form LISTENER://host:port");
        }

        var listener = text[..scheme];
        var protocol = protocols?.GetValueOrDefault(listener) ?? listener;
        return new BrokerEndpoint(listener, protocol, text[(scheme + 3)..colon].Trim('[', ']'), port);
    }

    private static string HostText(string host) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;

    private static Dictionary<string, int[]> Numbered(TopicAssignment topic, Func<ReplicaAssignment, ImmutableArray<int>> replicas, bool withEmpty)
        => topic.Partitions
            .Select((assignment, i) => (Key: Text(i), Replicas: replicas(assignment)))
            .Where(entry => withEmpty || !entry.Replicas.IsEmpty)
            .ToDictionary(entry => entry.Key, entry => entry.Replicas.ToArray(), StringComparer.Ordinal);

    private static ImmutableArray<int> Of(Dictionary<string, int[]>? replicas, string key)
        => replicas is not null && replicas.TryGetValue(key, out var found) ? [.. found] : [];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
