using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>What a partition knows of one idempotent producer.</summary>
/// <param name="ProducerId">The producer id.</param>
/// <param name="ProducerEpoch">Its epoch.</param>
/// <param name="LastSequence">The sequence number of its last record; -1 if unknown.</param>
/// <param name="LastTimestampMs">Unix milliseconds of its last batch's newest record; -1 if unknown.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.ProducerDescription")]
public sealed record ProducerDescription(
    [property: Id(0)] long ProducerId,
    [property: Id(1)] short ProducerEpoch,
    [property: Id(2)] int LastSequence,
    [property: Id(3)] long LastTimestampMs);
