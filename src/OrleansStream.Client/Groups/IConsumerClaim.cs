namespace OrleansStream.Client;

/// <summary>A partition that a member owns, from one rebalance to one that takes it away. One enumeration at a time.</summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
public interface IConsumerClaim<TKey, TValue>
{
    /// <summary>The partition.</summary>
    TopicPartition TopicPartition { get; }

    /// <summary>The generation that the claim began in; by cooperative protocols it may outlast that one.</summary>
    int GenerationId { get; }

    /// <summary>The offset after the last record that counts as processed; null before the first.</summary>
    long? ProcessedOffset { get; }

    /// <summary>How many records are between the last one handed out and the end that the last fetch saw; null if that is not known.</summary>
    long? Lag { get; }

    /// <summary>Cancelled when the claim ends.</summary>
    CancellationToken Ended { get; }

    /// <summary>
    /// Enumerates the records until the claim ends. A record counts as processed, for commits, when the enumeration goes on
    /// to the next one; one that is left by an exception comes again.
    /// </summary>
    IAsyncEnumerable<ConsumeResult<TKey, TValue>> ConsumeAsync(CancellationToken cancellationToken = default);

    /// <summary>Enumerates batches of records until the claim ends; each counts as processed when the enumeration goes on to the next one.</summary>
    IAsyncEnumerable<ConsumeBatch<TKey, TValue>> ConsumeBatchesAsync(CancellationToken cancellationToken = default);

    /// <summary>Says that all records before an offset have been processed, before the enumeration goes on; an offset before what is known is ignored.</summary>
    void MarkProcessed(long nextOffset);

    /// <summary>Marks a record as processed and commits that.</summary>
    /// <exception cref="CommitFailedException">It was not stored.</exception>
    ValueTask CommitAsync(ConsumeResult<TKey, TValue> record, CancellationToken cancellationToken = default);
}
