using OrleansStream.Core.Producers;

namespace OrleansStream.Core.Replicas;

/// <summary>A structurally valid record batch (size, magic, CRC, counts) that a client wants appended.</summary>
/// <param name="Producer">Producer id, epoch, sequence, record count and largest timestamp.</param>
/// <param name="SizeBytes">The whole batch in bytes.</param>
/// <param name="BaseTimestampMs">The first record's timestamp, Unix milliseconds.</param>
/// <param name="IsTransactional">Whether the batch belongs to a transaction.</param>
/// <param name="IsControl">Whether the batch is a control batch.</param>
/// <param name="Acks">0, 1 or -1.</param>
/// <param name="NowMs">The time, Unix milliseconds.</param>
public readonly record struct ProduceCommand(
    ProducerBatch Producer,
    int SizeBytes,
    long BaseTimestampMs,
    bool IsTransactional,
    bool IsControl,
    short Acks,
    long NowMs);
