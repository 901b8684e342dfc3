namespace OrleansStream.Core.Producers;

/// <summary>What a partition knows of one idempotent producer, for descriptions.</summary>
/// <param name="ProducerId">The producer id.</param>
/// <param name="ProducerEpoch">Its epoch.</param>
/// <param name="LastSequence">The sequence number of its last record; -1 if unknown.</param>
/// <param name="LastTimestampMs">The newest timestamp of its last batch, Unix milliseconds; -1 if unknown.</param>
/// <param name="LastOffset">The last offset of its last batch; -1 if unknown.</param>
public readonly record struct ProducerSummary(long ProducerId, short ProducerEpoch, int LastSequence, long LastTimestampMs, long LastOffset);
