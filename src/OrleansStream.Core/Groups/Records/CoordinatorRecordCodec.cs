using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups.Records;

/// <summary>
/// The bytes of the records, exactly Kafka's: a key is the number of its type and its fields, a value the number of its version and
/// its fields.
/// </summary>
public static class CoordinatorRecordCodec
{
    private const short OffsetCommit = 1;
    private const short OldOffsetCommit = 0;
    private const short GroupMetadata = 2;
    private const short ConsumerGroupMetadata = 3;
    private const short ConsumerGroupPartitionMetadata = 4;
    private const short ConsumerGroupMember = 5;
    private const short ConsumerGroupTargetMetadata = 6;
    private const short ConsumerGroupTargetMember = 7;
    private const short ConsumerGroupCurrentMember = 8;

    /// <summary>Without a leader epoch, but with an expiry of its own.</summary>
    private const short OffsetValueWithExpiry = 1;

    private const short ClassicValue = 3;
    private const short ConsumerValue = 0;

    /// <summary>Writes a record's key.</summary>
    public static void WriteKey(KafkaWriter writer, CoordinatorRecord record)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(record);
        var type = TypeOf(record.Key);
        writer.WriteInt16(type);
        record.Key.Write(writer, type);
    }

    /// <summary>Writes a record's value; the record is no tombstone.</summary>
    public static void WriteValue(KafkaWriter writer, CoordinatorRecord record)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(record);
        var value = record.Value ?? throw new ArgumentException("A tombstone has no value.", nameof(record));
        var version = value switch
        {
            OffsetCommitValue { ExpireTimestamp: >= 0 } => OffsetValueWithExpiry,
            OffsetCommitValue or GroupMetadataValue => ClassicValue,
            _ => ConsumerValue,
        };
        writer.WriteInt16(version);
        value.Write(writer, version);
    }

    /// <summary>Reads a record; byte memories are slices of the arguments.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="value">The value's bytes; null for a tombstone.</param>
    /// <returns>Null for a type of record that this version does not know.</returns>
    /// <exception cref="KafkaProtocolException">The bytes are malformed, or the value has a version that this code does not know.</exception>
    public static CoordinatorRecord? Read(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value)
    {
        var reader = new KafkaReader(key);
        var type = reader.ReadInt16();
        return type switch
        {
            OldOffsetCommit or OffsetCommit => new(OffsetCommitKey.Read(ref reader, type), ReadValue<OffsetCommitValue>(value)),
            GroupMetadata => new(GroupMetadataKey.Read(ref reader, type), ReadValue<GroupMetadataValue>(value)),
            ConsumerGroupMetadata => new(ConsumerGroupMetadataKey.Read(ref reader, type), ReadValue<ConsumerGroupMetadataValue>(value)),
            ConsumerGroupPartitionMetadata => new(
                ConsumerGroupPartitionMetadataKey.Read(ref reader, type), ReadValue<ConsumerGroupPartitionMetadataValue>(value)),
            ConsumerGroupMember => new(ConsumerGroupMemberMetadataKey.Read(ref reader, type), ReadValue<ConsumerGroupMemberMetadataValue>(value)),
            ConsumerGroupTargetMetadata => new(
                ConsumerGroupTargetAssignmentMetadataKey.Read(ref reader, type), ReadValue<ConsumerGroupTargetAssignmentMetadataValue>(value)),
            ConsumerGroupTargetMember => new(
                ConsumerGroupTargetAssignmentMemberKey.Read(ref reader, type), ReadValue<ConsumerGroupTargetAssignmentMemberValue>(value)),
            ConsumerGroupCurrentMember => new(
                ConsumerGroupCurrentMemberAssignmentKey.Read(ref reader, type), ReadValue<ConsumerGroupCurrentMemberAssignmentValue>(value)),
            _ => null,
        };
    }

    private static short TypeOf(IKafkaMessage key) => key switch
    {
        OffsetCommitKey => OffsetCommit,
        GroupMetadataKey => GroupMetadata,
        ConsumerGroupMetadataKey => ConsumerGroupMetadata,
        ConsumerGroupPartitionMetadataKey => ConsumerGroupPartitionMetadata,
        ConsumerGroupMemberMetadataKey => ConsumerGroupMember,
        ConsumerGroupTargetAssignmentMetadataKey => ConsumerGroupTargetMetadata,
        ConsumerGroupTargetAssignmentMemberKey => ConsumerGroupTargetMember,
        ConsumerGroupCurrentMemberAssignmentKey => ConsumerGroupCurrentMember,
        _ => throw new ArgumentException($"{key.GetType().Name} is no key of __consumer_offsets.", nameof(key)),
    };

    private static T? ReadValue<T>(ReadOnlyMemory<byte>? bytes)
        where T : class, IKafkaMessage<T>
    {
        if (bytes is not { } present)
        {
            return null;
        }

        var reader = new KafkaReader(present);
        var version = reader.ReadInt16();
        return version >= T.MinVersion && version <= T.MaxVersion
            ? T.Read(ref reader, version)
            : throw new KafkaProtocolException($"A {typeof(T).Name} has version {version}; {T.MinVersion} to {T.MaxVersion} are known.");
    }
}
