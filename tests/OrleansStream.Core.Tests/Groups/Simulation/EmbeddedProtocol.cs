using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Tests.Groups.Simulation;

/// <summary>What consumers of the classic protocol say to each other.</summary>
internal static class EmbeddedProtocol
{
    private const short Version = 1;

    public static byte[] Subscription(string topic)
    {
        using var writer = new KafkaWriter();
        writer.WriteInt16(Version);
        new ConsumerProtocolSubscription { Topics = [topic] }.Write(writer, Version);
        return writer.ToArray();
    }

    public static byte[] Assignment(string topic, IEnumerable<int> partitions)
    {
        using var writer = new KafkaWriter();
        writer.WriteInt16(Version);
        new ConsumerProtocolAssignment { AssignedPartitions = { new() { Topic = topic, Partitions = [.. partitions] } } }.Write(writer, Version);
        return writer.ToArray();
    }

    public static List<int> Partitions(ReadOnlyMemory<byte> assignment)
    {
        if (assignment.IsEmpty)
        {
            return [];
        }

        var reader = new KafkaReader(assignment);
        return [.. ConsumerProtocolAssignment.Read(ref reader, reader.ReadInt16()).AssignedPartitions.SelectMany(topic => topic.Partitions)];
    }
}
