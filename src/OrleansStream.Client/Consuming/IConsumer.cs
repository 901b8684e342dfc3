using System.Text.RegularExpressions;

namespace OrleansStream.Client;

/// <summary>Reads records of partitions that are assigned by hand, or by the group that the consumer is a member of.</summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
/// <remarks>
/// <para>Thread rule: one reader at a time (an enumeration or a poll); everything else may be called from any thread at
/// any time, also while a reader waits, and takes effect with the next record that is handed out.</para>
/// <para>Fetching goes on in the background from the first read on, up to <see cref="ConsumerOptions.MaxPrefetchBytes"/>.
/// A broker that is away is retried without end; see <see cref="ConsumeException"/> for what is thrown. After an exception
/// the next read goes on with the other partitions.</para>
/// <para>As a member of a group (<see cref="ConsumerOptions.GroupId"/> and <see cref="Subscribe(IEnumerable{string})"/>) the consumer
/// joins with its first read, and rebalances within reads only: no partition is taken away while a record of it is being
/// processed. Heartbeats and commits go on in the background.</para>
/// </remarks>
public interface IConsumer<TKey, TValue> : IAsyncDisposable
{
    /// <summary>The partitions that are assigned.</summary>
    IReadOnlyCollection<TopicPartition> Assignment { get; }

    /// <summary>The topics that are subscribed to; with a pattern those that match as far as is known. Empty without a subscription.</summary>
    IReadOnlyList<string> Subscription { get; }

    /// <summary>Who the consumer is in its group; null without <see cref="ConsumerOptions.GroupId"/>.</summary>
    ConsumerGroupMetadata? GroupMetadata { get; }

    /// <summary>Subscribes to topics, instead of those subscribed to before: the group assigns partitions of them from the next read on. A topic that is not there yet is waited for.</summary>
    /// <exception cref="InvalidOperationException">There is no <see cref="ConsumerOptions.GroupId"/>, or partitions are assigned by hand.</exception>
    void Subscribe(params IEnumerable<string> topics);

    /// <summary>Subscribes to topics, and hears of every rebalance.</summary>
    /// <inheritdoc cref="Subscribe(IEnumerable{string})"/>
    void Subscribe(IEnumerable<string> topics, IRebalanceListener? listener);

    /// <summary>
    /// Subscribes to all topics whose name the pattern matches somewhere (anchor it with ^ and $), internal ones excepted;
    /// new ones are found within <see cref="OrleansStreamClientOptions.MetadataMaxAge"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no <see cref="ConsumerOptions.GroupId"/>, or partitions are assigned by hand.</exception>
    void Subscribe(Regex pattern, IRebalanceListener? listener = null);

    /// <summary>Commits as <see cref="ConsumerOptions.EnableAutoCommit"/> says, gives all partitions back and leaves the group.</summary>
    ValueTask UnsubscribeAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Commits the positions: everything that has been handed out counts as processed. Completes when the offsets are stored
    /// on all in-sync replicas; tries again while that can help.
    /// </summary>
    /// <exception cref="CommitFailedException">They were not stored.</exception>
    ValueTask CommitAsync(CancellationToken cancellationToken = default);

    /// <summary>Commits that a record, and all before it in its partition, has been processed.</summary>
    /// <exception cref="CommitFailedException">The offset was not stored.</exception>
    ValueTask CommitAsync(ConsumeResult<TKey, TValue> record, CancellationToken cancellationToken = default);

    /// <summary>Commits offsets: each the one of the next record to be processed.</summary>
    /// <exception cref="CommitFailedException">They were not stored.</exception>
    ValueTask CommitAsync(IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CancellationToken cancellationToken = default);

    /// <summary>Commits the positions without waiting for it; several such commits may become one.</summary>
    /// <param name="handler">Is told how it ended; null for nobody.</param>
    void Commit(CommitHandler? handler = null);

    /// <summary>Commits offsets without waiting for it.</summary>
    /// <param name="offsets">For each partition the offset of the next record to be processed.</param>
    /// <param name="handler">Is told how it ended; null for nobody.</param>
    void Commit(IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CommitHandler? handler = null);

    /// <summary>What the group has committed for partitions; those without an offset are left out.</summary>
    /// <exception cref="OrleansStreamException">The coordinator does not tell.</exception>
    ValueTask<IReadOnlyDictionary<TopicPartition, CommittedOffset>> GetCommittedAsync(
        IEnumerable<TopicPartition> partitions,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Consumes what is subscribed to by a handler: each partition is a claim that is consumed in parallel with the others,
    /// and ends when a rebalance takes it away. Goes on until it is cancelled or a handler fails; then all claims have ended and the
    /// consumer stands where they have come to. It is still a member of its group, and leaves that when it is disposed.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token; a handler that fails while it is being stopped throws its own failure instead.</exception>
    /// <exception cref="GroupException">The consumer cannot be a member.</exception>
    Task ConsumeClaimsAsync(IConsumerGroupHandler<TKey, TValue> handler, CancellationToken cancellationToken = default);

    /// <summary>How many records are between the position and the end that the last fetch saw; null while either is not known.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    long? GetLag(TopicPartition partition);

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
    /// <remarks>
    /// With auto commit a record counts as processed when the enumeration goes on to the next one. A loop that ends in the
    /// middle, by an exception or <c>break</c>, leaves its last record unprocessed: it comes again unless it is committed by
    /// <see cref="CommitAsync(CancellationToken)"/>.
    /// </remarks>
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

    /// <summary>
    /// The next record, or null when none came within the time. With auto commit it counts as processed with the next poll,
    /// and when the consumer is disposed. A rebalance that the poll takes part in is carried out to its end, time-out or not.
    /// </summary>
    /// <param name="timeout">How long to wait; zero takes only what is fetched already, <see cref="Timeout.InfiniteTimeSpan"/> waits without end.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<ConsumeResult<TKey, TValue>?> PollAsync(TimeSpan timeout, CancellationToken cancellationToken = default);
}
