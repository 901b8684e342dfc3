namespace OrleansStream.Protocol.Kafka;

/// <summary>
/// What the members of a classic group of consumers say to each other through the coordinator (protocol type <c>consumer</c>): the
/// number of a version, and then one of the messages of <c>Schemas/ConsumerProtocol.kafka</c> in that version.
/// </summary>
public static class ConsumerEmbeddedProtocol
{
    /// <summary>The protocol type of groups of consumers.</summary>
    public const string ProtocolType = "consumer";

    /// <summary>The newest version that is known here.</summary>
    public static short LatestVersion => ConsumerProtocolSubscription.MaxVersion;

    /// <summary>The version in which the bytes are written, which may be later than <see cref="LatestVersion"/>.</summary>
    /// <exception cref="KafkaProtocolException">There is no version in them.</exception>
    public static short VersionOf(ReadOnlyMemory<byte> message) => new KafkaReader(message).ReadInt16();

    /// <summary>Reads a subscription; byte memories are slices of the argument. A later version is read as the latest one known, with which it begins.</summary>
    /// <exception cref="KafkaProtocolException">The bytes are no subscription.</exception>
    public static ConsumerProtocolSubscription ReadSubscription(ReadOnlyMemory<byte> subscription)
    {
        var reader = new KafkaReader(subscription);
        return ConsumerProtocolSubscription.Read(ref reader, Known(reader.ReadInt16()));
    }

    /// <summary>Writes a subscription in the latest version.</summary>
    public static byte[] WriteSubscription(ConsumerProtocolSubscription subscription) => Write(subscription, LatestVersion);

    /// <summary>
    /// Reads the partitions of an assignment; its user data, which no known assignor uses, may be missing. No bytes at all are an
    /// empty assignment: the coordinator sends them to members that the leader left out.
    /// </summary>
    /// <exception cref="KafkaProtocolException">The bytes are no assignment.</exception>
    public static IReadOnlyList<ConsumerProtocolPartitions.TopicValue> ReadAssignment(ReadOnlyMemory<byte> assignment)
    {
        if (assignment.IsEmpty)
        {
            return [];
        }

        var reader = new KafkaReader(assignment);
        return ConsumerProtocolPartitions.Read(ref reader, Known(reader.ReadInt16())).Topics;
    }

    /// <summary>Writes an assignment without user data.</summary>
    /// <param name="topics">The partitions' numbers by topic.</param>
    /// <param name="version">The version to write; a later one than <see cref="LatestVersion"/> is written as that.</param>
    /// <exception cref="KafkaProtocolException">The version is negative.</exception>
    public static byte[] WriteAssignment(IEnumerable<(string Topic, List<int> Partitions)> topics, short version)
    {
        ArgumentNullException.ThrowIfNull(topics);
        var assignment = new ConsumerProtocolAssignment();
        assignment.AssignedPartitions.AddRange(topics.Select(topic => new ConsumerProtocolAssignment.AssignedTopicPartition
        {
            Topic = topic.Topic,
            Partitions = topic.Partitions,
        }));
        return Write(assignment, version);
    }

    private static byte[] Write(IKafkaMessage message, short version)
    {
        ArgumentNullException.ThrowIfNull(message);
        version = Known(version);
        using var writer = new KafkaWriter();
        writer.WriteInt16(version);
        message.Write(writer, version);
        return writer.ToArray();
    }

    private static short Known(short version)
        => version < 0
            ? throw new KafkaProtocolException($"The version of the consumer protocol is {version}; it must not be negative.")
            : Math.Min(version, LatestVersion);
}
