namespace OrleansStream.Protocol.Records;

public readonly partial record struct RecordBatchHeader
{
    /// <summary>The smallest value of <see cref="BatchLength"/>: a header without records.</summary>
    public const int MinBatchLength = Size - LogOverhead;

    /// <summary>
    /// Judges everything that the header alone can show: the magic, the length against the limit, counts against the
    /// offset delta, negative values, unused attribute bits. Accepts what compaction leaves (fewer records than the delta
    /// says, none at all); what a producer may send is narrower, see <see cref="RecordBatchValidator"/>.
    /// </summary>
    /// <param name="maxBatchBytes">The largest <see cref="SizeInBytes"/> to accept.</param>
    public ValidationResult Validate(int maxBatchBytes = int.MaxValue)
    {
        var framing = ValidateFraming(maxBatchBytes);
        if (!framing.IsValid)
        {
            return framing;
        }

        if ((Attributes & UnusedBits) != 0)
        {
            return new(ErrorCode.InvalidRecord, $"The batch's attributes are 0x{(ushort)Attributes:x4}; bits 7 to 15 are unused and must be 0.");
        }

        if (CompressionType > CompressionType.Zstd)
        {
            return new(ErrorCode.UnsupportedCompressionType, $"The batch's compression type is {(int)CompressionType}; 0 (none) to 4 (zstd) are defined.");
        }

        if (BaseOffset < 0 || LastOffsetDelta < 0 || BaseOffset > long.MaxValue - 1 - LastOffsetDelta)
        {
            return new(ErrorCode.InvalidRecord, $"The batch has the base offset {BaseOffset} and the last offset delta {LastOffsetDelta}; neither may be negative, nor their sum pass 2^63 - 2.");
        }

        if (RecordCount < 0 || RecordCount - 1 > LastOffsetDelta)
        {
            return new(ErrorCode.InvalidRecord, $"The batch has {RecordCount} records and the last offset delta {LastOffsetDelta}; 0 to {LastOffsetDelta + 1L} records are possible.");
        }

        return ValidateProducer();
    }

    /// <summary>The checks without which the batch's end cannot be found: magic and length.</summary>
    internal ValidationResult ValidateFraming(int maxBatchBytes)
    {
        if (Magic is 0 or 1)
        {
            return new(ErrorCode.UnsupportedForMessageFormat, $"The message has magic {Magic}, the format before Kafka 0.11; only record batches of magic 2 are supported.");
        }

        if (Magic != CurrentMagic)
        {
            return new(ErrorCode.CorruptMessage, $"The batch has magic {Magic}; it must be 2.");
        }

        if (BatchLength < MinBatchLength)
        {
            return new(ErrorCode.CorruptMessage, $"The batch length is {BatchLength}; at least {MinBatchLength} is possible.");
        }

        return TotalSize > maxBatchBytes
            ? new(ErrorCode.MessageTooLarge, $"The batch has {TotalSize} bytes; at most {maxBatchBytes} are accepted.")
            : ValidationResult.Valid;
    }

    private ValidationResult ValidateProducer()
    {
        if (ProducerId < -1 || ProducerEpoch < -1 || BaseSequence < -1)
        {
            return new(ErrorCode.InvalidRecord, $"The batch has producer id {ProducerId}, epoch {ProducerEpoch} and base sequence {BaseSequence}; -1 (none) is the smallest value of each.");
        }

        if (HasProducerId && ProducerEpoch < 0)
        {
            return new(ErrorCode.InvalidRecord, $"The batch of producer id {ProducerId} has the producer epoch {ProducerEpoch}; it must not be negative.");
        }

        return IsTransactional && !HasProducerId
            ? new(ErrorCode.InvalidRecord, "The batch is transactional but has no producer id.")
            : ValidationResult.Valid;
    }
}
