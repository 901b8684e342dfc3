using OrleansStream.Core.Producers;

namespace OrleansStream.Core.Replicas;

/// <summary>
/// A record batch that a client wants appended and whose bytes have been found sound
/// (<see cref="Protocol.Records.RecordBatchValidator"/>: format, CRC, counts, timestamps).
/// </summary>
/// <param name="Producer">Producer id, epoch, sequence, record count and largest timestamp.</param>
/// <param name="SizeBytes">The whole batch in bytes.</param>
/// <param name="IsTransactional">Whether the batch belongs to a transaction.</param>
/// <param name="Acks">0, 1 or -1.</param>
/// <param name="NowMs">The time, Unix milliseconds.</param>
public readonly record struct ProduceCommand(
    ProducerBatch Producer,
    int SizeBytes,
    bool IsTransactional,
    short Acks,
    long NowMs);
