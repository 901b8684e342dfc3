using System.Buffers.Binary;

namespace OrleansStream.Protocol.Records;

/// <summary>
/// The 61 bytes that start every RecordBatch v2 (KIP-98; "Record Batch" in Kafka's documentation of the message format).
/// </summary>
public readonly partial record struct RecordBatchHeader
{
    /// <summary>The header's size; the records follow it.</summary>
    public const int Size = 61;

    /// <summary>The bytes up to and including the batch length: what stands before the counted part.</summary>
    public const int LogOverhead = 12;

    /// <summary>The only magic number that is written; 0 and 1 are the formats before Kafka 0.11.</summary>
    public const sbyte CurrentMagic = 2;

    internal const int BatchLengthPosition = 8;
    internal const int PartitionLeaderEpochPosition = 12;
    internal const int MagicPosition = 16;
    internal const int CrcPosition = 17;
    internal const int AttributesPosition = 21;
    internal const int LastOffsetDeltaPosition = 23;
    internal const int BaseTimestampPosition = 27;
    internal const int MaxTimestampPosition = 35;
    internal const int ProducerIdPosition = 43;
    internal const int ProducerEpochPosition = 51;
    internal const int BaseSequencePosition = 53;
    internal const int RecordCountPosition = 57;

    internal const short CompressionMask = 0x07;
    internal const short TimestampTypeBit = 0x08;
    internal const short TransactionalBit = 0x10;
    internal const short ControlBit = 0x20;
    internal const short DeleteHorizonBit = 0x40;
    internal const short UnusedBits = unchecked((short)0xff80);

    /// <summary>The offset of the first record (of the first that there was, after compaction).</summary>
    public long BaseOffset { get; init; }

    /// <summary>The bytes that follow this field: <see cref="SizeInBytes"/> − 12.</summary>
    public int BatchLength { get; init; }

    /// <summary>The epoch of the leader that appended the batch; outside the CRC; -1 from a producer.</summary>
    public int PartitionLeaderEpoch { get; init; }

    /// <summary>The format: <see cref="CurrentMagic"/>.</summary>
    public sbyte Magic { get; init; }

    /// <summary>CRC-32C of everything from the attributes on.</summary>
    public uint Crc { get; init; }

    /// <summary>The flags, which the properties below take apart.</summary>
    public short Attributes { get; init; }

    /// <summary>The last record's offset relative to the base offset; compaction keeps it.</summary>
    public int LastOffsetDelta { get; init; }

    /// <summary>What the records' timestamp deltas count from: the first record's timestamp, or the delete horizon.</summary>
    public long BaseTimestamp { get; init; }

    /// <summary>The largest timestamp of the batch, or the append time.</summary>
    public long MaxTimestamp { get; init; }

    /// <summary>The producer id; -1 for none.</summary>
    public long ProducerId { get; init; }

    /// <summary>The producer epoch; -1 for none.</summary>
    public short ProducerEpoch { get; init; }

    /// <summary>The sequence number of the first record; -1 for none.</summary>
    public int BaseSequence { get; init; }

    /// <summary>The number of records; compaction may leave 0.</summary>
    public int RecordCount { get; init; }

    /// <summary>The size of the whole batch; a long because a hostile length can pass <see cref="int.MaxValue"/>.</summary>
    public long TotalSize => (long)LogOverhead + BatchLength;

    /// <summary>The size of the whole batch.</summary>
    /// <exception cref="OverflowException">A hostile length; <see cref="Validate"/> refuses it.</exception>
    public int SizeInBytes => checked(LogOverhead + BatchLength);

    /// <summary>The offset of the last record.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>The offset after the batch.</summary>
    public long NextOffset => LastOffset + 1;

    /// <summary>The sequence number of the last record; -1 without a sequence.</summary>
    public int LastSequence => BaseSequence < 0 ? -1 : ProducerSequence.Increment(BaseSequence, LastOffsetDelta);

    /// <summary>How the records are compressed; may be undefined in a batch that was not validated.</summary>
    public CompressionType CompressionType => (CompressionType)(Attributes & CompressionMask);

    /// <summary>Who set the timestamps (KIP-32).</summary>
    public TimestampType TimestampType => (Attributes & TimestampTypeBit) != 0 ? TimestampType.LogAppendTime : TimestampType.CreateTime;

    /// <summary>Part of a transaction (KIP-98).</summary>
    public bool IsTransactional => (Attributes & TransactionalBit) != 0;

    /// <summary>Holds one control record, a transaction's marker, instead of data (KIP-98).</summary>
    public bool IsControl => (Attributes & ControlBit) != 0;

    /// <summary>The base timestamp is the time from which tombstones and markers may be removed (KIP-534).</summary>
    public bool HasDeleteHorizon => (Attributes & DeleteHorizonBit) != 0;

    /// <summary>Sent by an idempotent or transactional producer.</summary>
    public bool HasProducerId => ProducerId >= 0;

    /// <summary>The producer id, epoch and base sequence together.</summary>
    public ProducerSequence Producer => new(ProducerId, ProducerEpoch, BaseSequence);

    /// <summary>
    /// Reads the header. False: <paramref name="source"/> is too short for it. The fields are not judged, see
    /// <see cref="Validate"/>. A message whose magic is not 2 is recognized as soon as its magic (byte 17) is there, and
    /// only <see cref="BaseOffset"/>, <see cref="BatchLength"/> and <see cref="Magic"/> are set then: the rest of its
    /// layout is another one.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out RecordBatchHeader header)
    {
        header = default;
        if (source.Length <= MagicPosition)
        {
            return false;
        }

        var magic = (sbyte)source[MagicPosition];
        if (magic != CurrentMagic)
        {
            header = new RecordBatchHeader
            {
                BaseOffset = BinaryPrimitives.ReadInt64BigEndian(source),
                BatchLength = BinaryPrimitives.ReadInt32BigEndian(source[BatchLengthPosition..]),
                Magic = magic,
            };
            return true;
        }

        if (source.Length < Size)
        {
            return false;
        }

        header = new RecordBatchHeader
        {
            BaseOffset = BinaryPrimitives.ReadInt64BigEndian(source),
            BatchLength = BinaryPrimitives.ReadInt32BigEndian(source[BatchLengthPosition..]),
            PartitionLeaderEpoch = BinaryPrimitives.ReadInt32BigEndian(source[PartitionLeaderEpochPosition..]),
            Magic = magic,
            Crc = BinaryPrimitives.ReadUInt32BigEndian(source[CrcPosition..]),
            Attributes = BinaryPrimitives.ReadInt16BigEndian(source[AttributesPosition..]),
            LastOffsetDelta = BinaryPrimitives.ReadInt32BigEndian(source[LastOffsetDeltaPosition..]),
            BaseTimestamp = BinaryPrimitives.ReadInt64BigEndian(source[BaseTimestampPosition..]),
            MaxTimestamp = BinaryPrimitives.ReadInt64BigEndian(source[MaxTimestampPosition..]),
            ProducerId = BinaryPrimitives.ReadInt64BigEndian(source[ProducerIdPosition..]),
            ProducerEpoch = BinaryPrimitives.ReadInt16BigEndian(source[ProducerEpochPosition..]),
            BaseSequence = BinaryPrimitives.ReadInt32BigEndian(source[BaseSequencePosition..]),
            RecordCount = BinaryPrimitives.ReadInt32BigEndian(source[RecordCountPosition..]),
        };
        return true;
    }

    /// <summary>Writes all fields as they are.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        destination = destination[..Size];
        BinaryPrimitives.WriteInt64BigEndian(destination, BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(destination[BatchLengthPosition..], BatchLength);
        BinaryPrimitives.WriteInt32BigEndian(destination[PartitionLeaderEpochPosition..], PartitionLeaderEpoch);
        destination[MagicPosition] = (byte)Magic;
        BinaryPrimitives.WriteUInt32BigEndian(destination[CrcPosition..], Crc);
        BinaryPrimitives.WriteInt16BigEndian(destination[AttributesPosition..], Attributes);
        BinaryPrimitives.WriteInt32BigEndian(destination[LastOffsetDeltaPosition..], LastOffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(destination[BaseTimestampPosition..], BaseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(destination[MaxTimestampPosition..], MaxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(destination[ProducerIdPosition..], ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(destination[ProducerEpochPosition..], ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(destination[BaseSequencePosition..], BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(destination[RecordCountPosition..], RecordCount);
    }

    /// <summary>Offsets, count, size and codec for messages; never throws.</summary>
    public override string ToString() => Magic == CurrentMagic
        ? $"batch of {RecordCount} records at offsets {BaseOffset} to {LastOffset}, {TotalSize} bytes, {CompressionType}"
        : $"message of magic {Magic} at offset {BaseOffset}, {TotalSize} bytes";
}
