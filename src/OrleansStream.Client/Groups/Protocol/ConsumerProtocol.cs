using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Client;

/// <summary>
/// What members of a classic group say to each other through the coordinator, in Kafka's bytes (protocol type
/// <c>consumer</c>: ConsumerProtocolSubscription and ConsumerProtocolAssignment, versions 0 to 3), so that members of other
/// clients understand it.
/// </summary>
internal static class ConsumerProtocol
{
    /// <summary>The protocol type of groups of consumers.</summary>
    public const string ProtocolType = "consumer";

    private const short Newest = 3;

    /// <summary>Writes a subscription in the newest version.</summary>
    public static byte[] WriteSubscription(MemberSubscription subscription)
    {
        using var writer = new KafkaWriter();
        writer.WriteInt16(Newest);
        writer.WriteArrayLength(subscription.Topics.Count, flexible: false);
        foreach (var topic in subscription.Topics)
        {
            writer.WriteString(topic, flexible: false);
        }

        writer.WriteNullableBytes(subscription.UserData, flexible: false);
        WritePartitions(writer, subscription.OwnedPartitions);
        writer.WriteInt32(subscription.GenerationId);
        writer.WriteNullableString(subscription.RackId, flexible: false);
        return writer.ToArray();
    }

    /// <summary>Reads a subscription. A newer version is read as the newest one known here, as all members do.</summary>
    /// <exception cref="KafkaProtocolException">The bytes are not a subscription.</exception>
    public static MemberSubscription ReadSubscription(string memberId, string? groupInstanceId, ReadOnlyMemory<byte> metadata)
    {
        var reader = new KafkaReader(metadata);
        var version = ReadVersion(ref reader);
        var topics = new List<string>();
        for (var left = reader.ReadArrayLength(flexible: false); left > 0; left--)
        {
            topics.Add(ReadString(ref reader, "a topic's name"));
        }

        var userData = reader.ReadNullableBytes(flexible: false);
        var owned = version >= 1 ? ReadPartitions(ref reader) : [];
        var generation = version >= 2 ? reader.ReadInt32() : -1;
        var rack = version >= 3 ? reader.ReadNullableString(flexible: false) : null;
        return new MemberSubscription
        {
            MemberId = memberId,
            GroupInstanceId = groupInstanceId,
            Topics = topics,
            UserData = userData,
            OwnedPartitions = owned,
            GenerationId = generation,
            RackId = rack,
        };
    }

    /// <summary>Writes an assignment without user data, in the newest version.</summary>
    public static byte[] WriteAssignment(IEnumerable<TopicPartition> partitions)
    {
        using var writer = new KafkaWriter();
        writer.WriteInt16(Newest);
        WritePartitions(writer, partitions);
        writer.WriteNullableBytes(null, flexible: false);
        return writer.ToArray();
    }

    /// <summary>Reads an assignment. No bytes at all are an empty one: the coordinator sends them to members that the leader left out.</summary>
    /// <exception cref="KafkaProtocolException">The bytes are not an assignment.</exception>
    public static IReadOnlyList<TopicPartition> ReadAssignment(ReadOnlyMemory<byte> assignment)
    {
        if (assignment.IsEmpty)
        {
            return [];
        }

        var reader = new KafkaReader(assignment);
        ReadVersion(ref reader);
        return ReadPartitions(ref reader);
    }

    /// <summary>Writes partitions by topic, as an array of topic and partition numbers.</summary>
    public static void WritePartitions(KafkaWriter writer, IEnumerable<TopicPartition> partitions)
    {
        var topics = partitions.GroupBy(partition => partition.Topic, partition => partition.Partition, StringComparer.Ordinal).ToArray();
        writer.WriteArrayLength(topics.Length, flexible: false);
        foreach (var topic in topics)
        {
            writer.WriteString(topic.Key, flexible: false);
            int[] numbers = [.. topic];
            writer.WriteArrayLength(numbers.Length, flexible: false);
            foreach (var number in numbers)
            {
                writer.WriteInt32(number);
            }
        }
    }

    /// <summary>Reads what <see cref="WritePartitions"/> writes.</summary>
    public static List<TopicPartition> ReadPartitions(ref KafkaReader reader)
    {
        var partitions = new List<TopicPartition>();
        for (var topics = reader.ReadArrayLength(flexible: false); topics > 0; topics--)
        {
            var topic = ReadString(ref reader, "a topic's name");
            for (var left = reader.ReadArrayLength(flexible: false); left > 0; left--)
            {
                partitions.Add(new TopicPartition(topic, reader.ReadInt32()));
            }
        }

        return partitions;
    }

    private static short ReadVersion(ref KafkaReader reader)
    {
        var version = reader.ReadInt16();
        return version >= 0 ? version : throw new KafkaProtocolException($"The version of the consumer protocol is {version}; it must not be negative.");
    }

    private static string ReadString(ref KafkaReader reader, string what)
        => reader.ReadNullableString(flexible: false) ?? throw reader.NullNotAllowed(what);
}
