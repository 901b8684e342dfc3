using OrleansStream.Core.Replicas;

namespace OrleansStream.Storage;

/// <summary>
/// The log of one replica: record batches in offset order, each at one offset range under one leader epoch.
/// Implemented by PartitionLog on FASTER.
/// </summary>
/// <remarks>
/// Thread rule: appends, truncations and <c>SetConfig</c> come from one caller at a time (the grain's turns);
/// reads, offset look-ups and waits may come from any thread at any time.
/// A disk error puts the log offline: from then on every member throws <see cref="LogOfflineException"/>, which names
/// the partition, the file and the cause.
/// </remarks>
public interface IPartitionLog : ILeaderEpochs, IAsyncDisposable
{
    /// <summary>The partition.</summary>
    TopicPartition TopicPartition { get; }

    /// <summary>The first offset that can be read.</summary>
    long LogStartOffset { get; }

    /// <summary>The offset that the next record gets.</summary>
    long LogEndOffset { get; }

    /// <summary>The first offset that is not yet on stable storage; everything below survives kill -9.</summary>
    long FlushedOffset { get; }

    /// <summary>Bytes on disk, indexes included.</summary>
    long SizeBytes { get; }

    /// <summary>
    /// The largest record timestamp and the last offset of the batch that has it; (-1, -1) for an empty log. The record's own
    /// offset: <see cref="FindOffsetByTimestampAsync"/> of that timestamp.
    /// </summary>
    (long Timestamp, long Offset) MaxTimestamp { get; }

    /// <summary>Null while the log works, else why it is offline.</summary>
    string? OfflineReason { get; }

    /// <summary>
    /// Raised whenever <see cref="FlushedOffset"/> advanced or the log went offline: on a thread that writes logs to disk,
    /// never concurrently with itself. A listener only posts the news; it must not block.
    /// </summary>
    event Action<IPartitionLog>? FlushedOffsetAdvanced;

    /// <summary>
    /// Room for an append of <paramref name="bytes"/>: completes at once while the bytes not yet flushed are within
    /// the memory budget, else when flushes have made room, in the order of the calls. This is the log's backpressure.
    /// The room is the caller's until the next flush: it appends at once, or gives the room back with <see cref="ReturnRoom"/>.
    /// </summary>
    ValueTask WaitForRoomAsync(int bytes, CancellationToken cancellationToken);

    /// <summary>
    /// Gives back room that was waited for and is not used, so that others need not wait for a flush that nobody causes.
    /// </summary>
    /// <param name="bytes">As many as were asked for.</param>
    void ReturnRoom(int bytes);

    /// <summary>
    /// Appends one validated batch to memory and has it flushed. The batch's base offset and leader epoch are
    /// written as given (they are outside the CRC); nothing else is changed and the bytes are copied exactly once, so the
    /// memory is the caller's again when it returns. A caller that did not wait for room may have to wait here, blocking
    /// its thread, for a device write.
    /// </summary>
    /// <param name="batch">One whole RecordBatch v2.</param>
    /// <param name="baseOffset">At least <see cref="LogEndOffset"/> (larger leaves a gap, as compaction does).</param>
    /// <param name="leaderEpoch">At least <see cref="ILeaderEpochs.LatestEpoch"/>.</param>
    /// <returns>The new <see cref="LogEndOffset"/>.</returns>
    long Append(ReadOnlyMemory<byte> batch, long baseOffset, int leaderEpoch);

    /// <summary>Completes when everything below <paramref name="offset"/> is on stable storage.</summary>
    /// <param name="offset">At most <see cref="LogEndOffset"/>.</param>
    /// <param name="cancellationToken">Ends the wait, not the flush.</param>
    /// <exception cref="InvalidOperationException">A tail truncation took the records away before they were flushed.</exception>
    ValueTask FlushAsync(long offset, CancellationToken cancellationToken);

    /// <summary>
    /// Reads whole batches from the one that holds <paramref name="offset"/> on. At <paramref name="maxOffset"/> or the
    /// log's end the result is empty. Reads at the tail are served from memory and complete synchronously.
    /// </summary>
    /// <param name="offset">Between <see cref="LogStartOffset"/> and <see cref="LogEndOffset"/>; anything else gives <see cref="LogReadStatus.OffsetOutOfRange"/>.</param>
    /// <param name="maxOffset">No batch that reaches this offset or beyond is returned.</param>
    /// <param name="maxBytes">The most bytes to return.</param>
    /// <param name="minOneMessage">Return the first batch even if it is larger than <paramref name="maxBytes"/>.</param>
    /// <param name="cancellationToken">Ends the wait for the disk.</param>
    ValueTask<LogReadResult> ReadAsync(long offset, long maxOffset, int maxBytes, bool minOneMessage, CancellationToken cancellationToken);

    /// <summary>The same, for a caller that has memory to use again.</summary>
    /// <param name="offset">Between <see cref="LogStartOffset"/> and <see cref="LogEndOffset"/>; anything else gives <see cref="LogReadStatus.OffsetOutOfRange"/>.</param>
    /// <param name="maxOffset">No batch that reaches this offset or beyond is returned.</param>
    /// <param name="maxBytes">The most bytes to return.</param>
    /// <param name="minOneMessage">Return the first batch even if it is larger than <paramref name="maxBytes"/>.</param>
    /// <param name="allocate">Gives memory of exactly the size asked for, for what is read at the tail. A read may ask more than once, and what comes from the disk comes in an array of its own.</param>
    /// <param name="cancellationToken">Ends the wait for the disk.</param>
    ValueTask<LogReadResult> ReadAsync(long offset, long maxOffset, int maxBytes, bool minOneMessage, Func<int, Memory<byte>> allocate, CancellationToken cancellationToken);

    /// <summary>
    /// The offset and timestamp of the first record whose timestamp is at least <paramref name="timestamp"/> (Unix ms)
    /// below <paramref name="maxOffset"/>; null if there is none.
    /// </summary>
    ValueTask<TimestampOffset?> FindOffsetByTimestampAsync(long timestamp, long maxOffset, CancellationToken cancellationToken);

    /// <summary>
    /// Makes <paramref name="offset"/> the first readable one and frees what lies before it, durable when it completes.
    /// An offset beyond the end makes the log empty and moves its end there too: how a follower starts again where its
    /// leader's log starts. Callers that delete records on request check the high watermark themselves.
    /// </summary>
    ValueTask TruncateHeadAsync(long offset, CancellationToken cancellationToken);

    /// <summary>
    /// Makes <paramref name="offset"/> the end of the log: an appended truncation marker and an index cut, durable when it completes.
    /// A batch that holds the offset in its middle goes as a whole, and <see cref="LogEndOffset"/> then is its base offset.
    /// </summary>
    /// <param name="offset">At most <see cref="LogEndOffset"/>. Below <see cref="LogStartOffset"/> the log becomes empty and starts there.</param>
    /// <param name="cancellationToken">Ends the waits; the truncation may have happened.</param>
    ValueTask TruncateTailAsync(long offset, CancellationToken cancellationToken);

    /// <summary>Applies retention by time and size below <paramref name="maxOffset"/> (the high watermark); returns the new log start offset.</summary>
    ValueTask<long> ApplyRetentionAsync(long nowMs, long maxOffset, CancellationToken cancellationToken);

    /// <summary>Changes the configuration of an open log.</summary>
    void SetConfig(LogConfig config);

    /// <summary>Deletes the log and its directory. The log is closed afterwards.</summary>
    ValueTask DeleteAsync();
}
