using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups.Consumers;

/// <summary>What classic members of a consumer group say to each other, which the coordinator must understand when it assigns for them.</summary>
internal static class ConsumerEmbeddedProtocol
{
    public static short VersionOf(ReadOnlyMemory<byte> metadata) => new KafkaReader(metadata).ReadInt16();

    /// <exception cref="KafkaProtocolException">The bytes are no subscription.</exception>
    public static ConsumerProtocolSubscription ReadSubscription(ReadOnlyMemory<byte> metadata)
    {
        var reader = new KafkaReader(metadata);
        return ConsumerProtocolSubscription.Read(ref reader, Known(reader.ReadInt16(), ConsumerProtocolSubscription.MaxVersion));
    }

    /// <exception cref="KafkaProtocolException">The bytes are no assignment.</exception>
    public static IEnumerable<(string Topic, int Partition)> ReadAssignment(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return [];
        }

        var reader = new KafkaReader(bytes);
        var assignment = ConsumerProtocolAssignment.Read(ref reader, Known(reader.ReadInt16(), ConsumerProtocolAssignment.MaxVersion));
        return assignment.AssignedPartitions.SelectMany(topic => topic.Partitions.Select(partition => (topic.Topic, partition)));
    }

    public static byte[] WriteAssignment(IEnumerable<(string Topic, List<int> Partitions)> topics, short version)
    {
        version = Known(version, ConsumerProtocolAssignment.MaxVersion);
        var assignment = new ConsumerProtocolAssignment();
        assignment.AssignedPartitions.AddRange(topics.Select(topic => new ConsumerProtocolAssignment.AssignedTopicPartition
        {
            Topic = topic.Topic,
            Partitions = topic.Partitions,
        }));
        using var writer = new KafkaWriter();
        writer.WriteInt16(version);
        assignment.Write(writer, version);
        return writer.ToArray();
    }

    /// <summary>A later version begins as the latest that is known.</summary>
    private static short Known(short version, short latest)
        => version < 0 ? throw new KafkaProtocolException($"The consumer protocol has version {version}.") : Math.Min(version, latest);
}
