namespace OrleansStream.Core.Producers;

/// <summary>What the producer state has to know of a record batch.</summary>
/// <param name="ProducerId">The producer id; -1 for a producer that is not idempotent.</param>
/// <param name="ProducerEpoch">The producer epoch; -1 without a producer id.</param>
/// <param name="FirstSequence">The sequence number of the first record; -1 without a producer id.</param>
/// <param name="LastOffsetDelta">The number of offsets that the batch takes, less one.</param>
/// <param name="MaxTimestampMs">The largest record timestamp, Unix milliseconds.</param>
public readonly record struct ProducerBatch(
    long ProducerId,
    short ProducerEpoch,
    int FirstSequence,
    int LastOffsetDelta,
    long MaxTimestampMs)
{
    /// <summary>Whether the batch comes from an idempotent producer.</summary>
    public bool HasProducerId => ProducerId >= 0;

    /// <summary>The sequence number of the last record.</summary>
    public int LastSequence
        => FirstSequence < 0 ? SequenceNumber.None : SequenceNumber.Add(FirstSequence, LastOffsetDelta);
}
