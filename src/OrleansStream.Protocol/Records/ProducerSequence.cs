namespace OrleansStream.Protocol.Records;

/// <summary>What makes a batch idempotent (KIP-98): who sent it and where it stands in that producer's sequence for the partition.</summary>
/// <param name="ProducerId">The producer id; -1 for none.</param>
/// <param name="ProducerEpoch">The producer epoch; -1 for none.</param>
/// <param name="BaseSequence">The sequence number of the first record; -1 for none.</param>
public readonly record struct ProducerSequence(long ProducerId, short ProducerEpoch, int BaseSequence)
{
    /// <summary>Not idempotent: -1, -1, -1.</summary>
    public static ProducerSequence None => new(-1, -1, -1);

    /// <summary>
    /// The sequence number that lies <paramref name="increment"/> records after <paramref name="sequence"/>: after
    /// <see cref="int.MaxValue"/> comes 0.
    /// </summary>
    public static int Increment(int sequence, int increment) => (int)(((long)sequence + increment) & int.MaxValue);
}
