namespace OrleansStream.Client;

/// <summary>
/// Sends records. Safe for concurrent use; one producer per process and configuration serves any number of threads and
/// topics, and sharing it makes larger batches.
/// </summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
/// <remarks>
/// Order: records of one partition that one thread sends are stored in that order, also across retries and broker
/// restarts when idempotence is on (the default); then no retry duplicates a record either. Disposing flushes for at
/// most <see cref="ProducerOptions.DisposeTimeout"/>.
/// </remarks>
public interface IProducer<TKey, TValue> : IAsyncDisposable
{
    /// <summary>Sends a record and completes when it is delivered as <see cref="ProducerOptions.Acks"/> asks.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="message">The record.</param>
    /// <param name="cancellationToken">
    /// Gives up waiting. A record that is buffered already is sent all the same.
    /// </param>
    /// <exception cref="ProduceException">It was not delivered; <see cref="ProduceException.IsOutcomeUnknown"/> says how sure that is.</exception>
    /// <exception cref="RecordTooLargeException">It is larger than <see cref="ProducerOptions.MaxRecordBytes"/> or than the topic allows.</exception>
    /// <exception cref="RecordSerializationException">The key or value cannot be serialized.</exception>
    ValueTask<DeliveryResult> ProduceAsync(string topic, Message<TKey, TValue> message, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends a record and completes when it is buffered: at once, unless <see cref="ProducerOptions.MaxBufferBytes"/> are
    /// taken or the topic is not known yet. This is the fast path: no allocation per record.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="message">The record.</param>
    /// <param name="handler">
    /// Takes the report on this record. With null, a failure goes to <see cref="ProducerOptions.OnDeliveryFailed"/> and
    /// makes the next <see cref="FlushAsync"/> throw.
    /// </param>
    /// <param name="state">Passed to the handler.</param>
    /// <param name="cancellationToken">Gives up waiting for room.</param>
    /// <exception cref="ProduceException">It was not buffered within <see cref="ProducerOptions.MaxBlock"/>.</exception>
    /// <exception cref="RecordTooLargeException">It is larger than <see cref="ProducerOptions.MaxRecordBytes"/>.</exception>
    /// <exception cref="RecordSerializationException">The key or value cannot be serialized.</exception>
    ValueTask SendAsync(
        string topic,
        Message<TKey, TValue> message,
        DeliveryHandler? handler = null,
        object? state = null,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends one event to several topics and completes when all of them have answered.
    /// </summary>
    /// <param name="topics">The topics; a repeated one gets the record once for each time it is named.</param>
    /// <param name="message">The record. An explicit partition applies to every topic.</param>
    /// <param name="cancellationToken">Gives up waiting; what is buffered is sent all the same.</param>
    /// <returns>The outcome of each topic in the order of <paramref name="topics"/>.</returns>
    /// <remarks>
    /// What holds today: nothing is sent to any topic unless the record passes the checks of all of them (known topic,
    /// serializable, size, valid partition), and it has the same timestamp in all. After that the topics are independent: some
    /// may have the record and others not, which <see cref="FanOutResult.IsComplete"/> says. It is atomic only within a
    /// transaction, which this producer does not offer yet.
    /// </remarks>
    /// <exception cref="ProduceException">A check failed; nothing was sent.</exception>
    ValueTask<FanOutResult> ProduceToAllAsync(
        IReadOnlyList<string> topics,
        Message<TKey, TValue> message,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends what is buffered without lingering and completes when every record buffered before the call is delivered or
    /// has failed.
    /// </summary>
    /// <exception cref="FlushException">Records that were sent without handler were not delivered since the last flush.</exception>
    ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>The number of partitions of a topic, which is created if it is unknown and the broker allows that.</summary>
    /// <exception cref="OrleansStreamException">There is no such topic.</exception>
    ValueTask<int> GetPartitionCountAsync(string topic, CancellationToken cancellationToken = default);
}
