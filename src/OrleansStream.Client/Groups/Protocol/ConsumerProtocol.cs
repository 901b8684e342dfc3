using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Client;

/// <summary>Between what assignors see and Kafka's messages for it, which members of other clients understand as well.</summary>
internal static class ConsumerProtocol
{
    /// <summary>Writes a subscription in the newest version.</summary>
    public static byte[] WriteSubscription(MemberSubscription subscription)
    {
        var message = new ConsumerProtocolSubscription
        {
            UserData = subscription.UserData,
            GenerationId = subscription.GenerationId,
            RackId = subscription.RackId,
        };
        message.Topics.AddRange(subscription.Topics);
        message.OwnedPartitions.AddRange(ByTopic(subscription.OwnedPartitions).Select(topic => new ConsumerProtocolSubscription.OwnedTopicPartition
        {
            Topic = topic.Topic,
            Partitions = topic.Partitions,
        }));
        return ConsumerEmbeddedProtocol.WriteSubscription(message);
    }

    /// <summary>Reads a subscription.</summary>
    /// <exception cref="KafkaProtocolException">The bytes are not a subscription.</exception>
    public static MemberSubscription ReadSubscription(string memberId, string? groupInstanceId, ReadOnlyMemory<byte> metadata)
    {
        var message = ConsumerEmbeddedProtocol.ReadSubscription(metadata);
        return new MemberSubscription
        {
            MemberId = memberId,
            GroupInstanceId = groupInstanceId,
            Topics = message.Topics,
            UserData = message.UserData,
            OwnedPartitions = [.. message.OwnedPartitions.SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Topic, partition)))],
            GenerationId = message.GenerationId,
            RackId = message.RackId,
        };
    }

    /// <summary>Writes an assignment without user data, in the newest version.</summary>
    public static byte[] WriteAssignment(IEnumerable<TopicPartition> partitions) => ConsumerEmbeddedProtocol.WriteAssignment(ByTopic(partitions), ConsumerEmbeddedProtocol.LatestVersion);

    /// <summary>Reads an assignment.</summary>
    /// <exception cref="KafkaProtocolException">The bytes are not an assignment.</exception>
    public static IReadOnlyList<TopicPartition> ReadAssignment(ReadOnlyMemory<byte> assignment) => Flatten(ConsumerEmbeddedProtocol.ReadAssignment(assignment));

    /// <summary>Writes partitions by topic.</summary>
    public static void WritePartitions(KafkaWriter writer, IEnumerable<TopicPartition> partitions)
    {
        var message = new ConsumerProtocolPartitions();
        message.Topics.AddRange(ByTopic(partitions).Select(topic => new ConsumerProtocolPartitions.TopicValue { Topic = topic.Topic, Partitions = topic.Partitions }));
        message.Write(writer, ConsumerProtocolPartitions.MinVersion);
    }

    /// <summary>Reads what <see cref="WritePartitions"/> writes.</summary>
    /// <exception cref="KafkaProtocolException">The bytes are something else.</exception>
    public static IReadOnlyList<TopicPartition> ReadPartitions(ref KafkaReader reader)
        => Flatten(ConsumerProtocolPartitions.Read(ref reader, ConsumerProtocolPartitions.MinVersion).Topics);

    private static IEnumerable<(string Topic, List<int> Partitions)> ByTopic(IEnumerable<TopicPartition> partitions)
        => partitions.GroupBy(partition => partition.Topic, partition => partition.Partition, StringComparer.Ordinal)
            .Select(topic => (topic.Key, topic.ToList()));

    private static IReadOnlyList<TopicPartition> Flatten(IEnumerable<ConsumerProtocolPartitions.TopicValue> topics)
        => [.. topics.SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Topic, partition)))];
}
