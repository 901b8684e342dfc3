namespace OrleansStream.Client;

/// <summary>Reads records of partitions that are assigned by hand.</summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
/// <remarks>
/// <para>Thread rule: one reader at a time (an enumeration or a poll); everything else may be called from any thread at
/// any time, also while a reader waits, and takes effect with the next record that is handed out.</para>
/// <para>Fetching goes on in the background from the first read on, up to <see cref="ConsumerOptions.MaxPrefetchBytes"/>.
/// A broker that is away is retried without end; see <see cref="ConsumeException"/> for what is thrown. After an exception
/// the next read goes on with the other partitions.</para>
/// </remarks>
public interface IConsumer<TKey, TValue> : IAsyncDisposable
{
    /// <summary>The partitions that are assigned.</summary>
    IReadOnlyCollection<TopicPartition> Assignment { get; }

    /// <summary>Adds partitions to the assignment, or moves those that are in it.</summary>
    /// <param name="places">The partitions and where to start; rules such as <see cref="OffsetSpec.Latest"/> are resolved with the first fetch.</param>
    void Assign(params IEnumerable<TopicPartitionOffset> places);

    /// <summary>Adds all partitions that a topic has now to the assignment.</summary>
    /// <exception cref="OrleansStreamException">There is no such topic, or no broker answers.</exception>
    ValueTask AssignTopicAsync(string topic, OffsetSpec start, CancellationToken cancellationToken = default);

    /// <summary>Takes partitions out of the assignment; none given means all.</summary>
    void Unassign(params IEnumerable<TopicPartition> partitions);

    /// <summary>Moves a partition; what was fetched of it is dropped.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    void Seek(TopicPartition partition, OffsetSpec offset);

    /// <summary>Stops handing out and fetching these partitions; what is fetched already is kept.</summary>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    void Pause(params IEnumerable<TopicPartition> partitions);

    /// <summary>Goes on with paused partitions.</summary>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    void Resume(params IEnumerable<TopicPartition> partitions);

    /// <summary>Whether a partition is paused.</summary>
    bool IsPaused(TopicPartition partition);

    /// <summary>
    /// The offset of the next record that is handed out; null while a rule such as <see cref="OffsetSpec.Latest"/> is not
    /// resolved yet.
    /// </summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    long? Position(TopicPartition partition);

    /// <summary>The ends of the partition's log as of the last fetch; null before the first.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    Watermarks? GetWatermarks(TopicPartition partition);

    /// <summary>Asks the leader for the ends of a partition's log; the partition need not be assigned.</summary>
    ValueTask<Watermarks> QueryWatermarksAsync(TopicPartition partition, CancellationToken cancellationToken = default);

    /// <summary>Whether the position has reached the end that the last fetch saw.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    bool IsAtEnd(TopicPartition partition);

    /// <summary>Enumerates records, partitions in turn, in order within a partition.</summary>
    /// <param name="until">When it ends by itself.</param>
    /// <param name="cancellationToken">Ends the enumeration with <see cref="OperationCanceledException"/>; nothing is lost.</param>
    IAsyncEnumerable<ConsumeResult<TKey, TValue>> ConsumeAsync(
        ConsumeUntil until = ConsumeUntil.Cancelled,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Enumerates batches of one partition each, which are decoded while they are enumerated. The position moves behind
    /// the batch when it is handed out.
    /// </summary>
    /// <param name="until">When it ends by itself.</param>
    /// <param name="cancellationToken">Ends the enumeration with <see cref="OperationCanceledException"/>; nothing is lost.</param>
    IAsyncEnumerable<ConsumeBatch<TKey, TValue>> ConsumeBatchesAsync(
        ConsumeUntil until = ConsumeUntil.Cancelled,
        CancellationToken cancellationToken = default);

    /// <summary>The next record, or null when none came within the time.</summary>
    /// <param name="timeout">How long to wait; zero takes only what is fetched already, <see cref="Timeout.InfiniteTimeSpan"/> waits without end.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<ConsumeResult<TKey, TValue>?> PollAsync(TimeSpan timeout, CancellationToken cancellationToken = default);
}
