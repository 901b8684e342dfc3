using System.Buffers.Binary;
using OrleansStream.Protocol.Checksums;

namespace OrleansStream.Protocol.Records;

/// <summary>A RecordBatch v2 in a buffer, and what is done to its bytes in place.</summary>
/// <param name="Header">The batch's header.</param>
/// <param name="Memory">Exactly the batch's bytes.</param>
public readonly record struct RecordBatch(RecordBatchHeader Header, ReadOnlyMemory<byte> Memory)
{
    /// <summary>Whether the stored CRC is that of the bytes. False as well for fewer bytes than a header has.</summary>
    /// <param name="batch">Exactly one batch.</param>
    public static bool VerifyCrc(ReadOnlySpan<byte> batch) =>
        batch.Length >= RecordBatchHeader.Size
        && BinaryPrimitives.ReadUInt32BigEndian(batch[RecordBatchHeader.CrcPosition..]) == ComputeCrc(batch);

    /// <summary>The CRC-32C of everything from the attributes on.</summary>
    /// <param name="batch">Exactly one batch.</param>
    public static uint ComputeCrc(ReadOnlySpan<byte> batch) => Crc32C.Compute(batch[RecordBatchHeader.AttributesPosition..]);

    /// <summary>Stamps the base offset; it lies outside the CRC.</summary>
    public static void SetBaseOffset(Span<byte> batch, long baseOffset) =>
        BinaryPrimitives.WriteInt64BigEndian(batch, baseOffset);

    /// <summary>Stamps the leader epoch; it lies outside the CRC.</summary>
    public static void SetPartitionLeaderEpoch(Span<byte> batch, int leaderEpoch) =>
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.PartitionLeaderEpochPosition..], leaderEpoch);

    /// <summary>Makes the append time the timestamp of all records (KIP-32), without touching them, and renews the CRC.</summary>
    /// <param name="batch">Exactly one batch.</param>
    /// <param name="timestampMs">The append time in Unix milliseconds.</param>
    public static void SetLogAppendTime(Span<byte> batch, long timestampMs)
    {
        batch[RecordBatchHeader.AttributesPosition + 1] |= (byte)RecordBatchHeader.TimestampTypeBit;
        SetMaxTimestamp(batch, timestampMs);
    }

    /// <summary>
    /// Sets the largest timestamp and renews the CRC. Some producers leave a wrong one; the broker's time index needs
    /// the right one (<see cref="RecordBatchValidation.MaxTimestamp"/>).
    /// </summary>
    /// <param name="batch">Exactly one batch.</param>
    /// <param name="timestampMs">The largest timestamp of the batch's records in Unix milliseconds.</param>
    public static void SetMaxTimestamp(Span<byte> batch, long timestampMs)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.MaxTimestampPosition..], timestampMs);
        RenewCrc(batch);
    }

    /// <summary>Sets who sent the batch and where it stands in that producer's sequence, and renews the CRC.</summary>
    /// <param name="batch">Exactly one batch.</param>
    /// <param name="producer">The producer id, epoch and base sequence.</param>
    public static void SetProducer(Span<byte> batch, ProducerSequence producer)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.ProducerIdPosition..], producer.ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchHeader.ProducerEpochPosition..], producer.ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.BaseSequencePosition..], producer.BaseSequence);
        RenewCrc(batch);
    }

    /// <summary>Computes and stores the CRC.</summary>
    /// <param name="batch">Exactly one batch.</param>
    public static void RenewCrc(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch[RecordBatchHeader.CrcPosition..], ComputeCrc(batch));

    /// <summary>Splits a buffer of back-to-back batches, for example the records of a fetch answer.</summary>
    /// <param name="batches">The buffer; a batch that its end cuts off is left alone.</param>
    /// <param name="maxBatchBytes">The largest batch to accept.</param>
    public static RecordBatchEnumerator Enumerate(ReadOnlyMemory<byte> batches, int maxBatchBytes = int.MaxValue) => new(batches, maxBatchBytes);

    /// <summary>Splits a buffer of back-to-back batches.</summary>
    /// <param name="batches">The buffer; a batch that its end cuts off is left alone.</param>
    /// <param name="maxBatchBytes">The largest batch to accept.</param>
    public static RecordBatchSpanEnumerator Enumerate(ReadOnlySpan<byte> batches, int maxBatchBytes = int.MaxValue) => new(batches, maxBatchBytes);
}
