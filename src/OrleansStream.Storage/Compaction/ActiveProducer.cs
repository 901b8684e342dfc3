namespace OrleansStream.Storage.Compaction;

/// <summary>What compaction has to know of an idempotent producer that the partition still remembers.</summary>
/// <param name="LastOffset">The last offset of its last batch; -1 if it has none.</param>
/// <param name="ProducerEpoch">Its epoch.</param>
public readonly record struct ActiveProducer(long LastOffset, short ProducerEpoch);
