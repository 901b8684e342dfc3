using static OrleansStream.Core.Producers.ProducerEntry;

namespace OrleansStream.Core.Producers;

/// <summary>
/// What one partition knows of its idempotent producers: enough to append each of their batches exactly once
/// and in order, however often it is sent (KIP-98, KIP-360).
/// </summary>
/// <remarks>
/// <para>The rules are those of Kafka's brokers. A batch of the current epoch must continue the sequence; a repeat of one
/// of the last five batches is a duplicate; a larger epoch starts at sequence 0; a smaller epoch is fenced. A producer
/// without state may start at any sequence, since its records may have been deleted by retention (KIP-360).</para>
/// <para>Only <see cref="Replay"/> adds state: the leader calls it after each append, a recovering replica for each batch
/// in its log. The table is bounded: when full, the producer that was heard of longest ago is forgotten.</para>
/// <para>Kafka lets a producer expire by the timestamps in its records; here the time of arrival counts as well, because
/// a producer that writes records of last year is alive none the less.</para>
/// </remarks>
public sealed partial class ProducerStateTable
{
    /// <summary>The number of producers remembered for one partition unless said otherwise.</summary>
    public const int DefaultMaxProducers = 20_000;

    private readonly Dictionary<long, LinkedListNode<ProducerEntry>> _producers = [];

    // From the producer heard of longest ago to the one heard of last.
    private readonly LinkedList<ProducerEntry> _byAge = new();
    private readonly TopicPartition _topicPartition;
    private readonly int _maxProducers;

    /// <summary>Makes an empty table.</summary>
    /// <param name="topicPartition">The partition, for messages.</param>
    /// <param name="maxProducers">The most producers to remember.</param>
    public ProducerStateTable(TopicPartition topicPartition, int maxProducers = DefaultMaxProducers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxProducers, 1);
        _topicPartition = topicPartition;
        _maxProducers = maxProducers;
    }

    /// <summary>The number of producers known.</summary>
    public int Count => _producers.Count;

    /// <summary>The offset after the last batch that was replayed; where a rebuild from the log goes on.</summary>
    public long EndOffset { get; private set; }

    /// <summary>All producers known, in order of their id.</summary>
    public IReadOnlyList<ProducerSummary> Describe()
    {
        var summaries = new List<ProducerSummary>(Count);
        foreach (var entry in _byAge)
        {
            var lastTimestampMs = entry.BatchCount == 0 ? -1 : entry[entry.BatchCount - 1].TimestampMs;
            var lastOffset = entry.BatchCount == 0 ? -1 : entry[entry.BatchCount - 1].LastOffset;
            summaries.Add(new ProducerSummary(entry.ProducerId, entry.ProducerEpoch, entry.LastSequence, lastTimestampMs, lastOffset));
        }

        summaries.Sort((one, other) => one.ProducerId.CompareTo(other.ProducerId));
        return summaries;
    }

    /// <summary>Says what to do with a batch that a client sent.</summary>
    public ProducerVerdict Check(in ProducerBatch batch)
    {
        if (!batch.HasProducerId)
        {
            return ProducerVerdict.Append;
        }

        if (batch.FirstSequence < 0 || batch.ProducerEpoch < 0)
        {
            return ProducerVerdict.Refuse(
                ErrorCode.InvalidRecord,
                $"A batch of producer {batch.ProducerId} for {_topicPartition} has sequence {batch.FirstSequence} and epoch {batch.ProducerEpoch}; with a producer id both must be 0 or more.");
        }

        if (!_producers.TryGetValue(batch.ProducerId, out var node))
        {
            return ProducerVerdict.Append;
        }

        var entry = node.Value;
        if (batch.ProducerEpoch < entry.ProducerEpoch)
        {
            return ProducerVerdict.Refuse(
                ErrorCode.InvalidProducerEpoch,
                $"Producer {batch.ProducerId} wrote to {_topicPartition} with epoch {batch.ProducerEpoch}, but epoch {entry.ProducerEpoch} was seen already.");
        }

        if (batch.ProducerEpoch > entry.ProducerEpoch)
        {
            return batch.FirstSequence == 0
                ? ProducerVerdict.Append
                : ProducerVerdict.Refuse(
                    ErrorCode.OutOfOrderSequenceNumber,
                    $"Producer {batch.ProducerId} began epoch {batch.ProducerEpoch} on {_topicPartition} with sequence {batch.FirstSequence}; a new epoch begins with 0.");
        }

        if (entry.TryFind(batch.FirstSequence, batch.LastSequence, out var original))
        {
            return ProducerVerdict.Duplicate(original.BaseOffset, original.LastOffset + 1, original.TimestampMs);
        }

        return SequenceNumber.Follows(entry.LastSequence, batch.FirstSequence)
            ? ProducerVerdict.Append
            : ProducerVerdict.Refuse(
                ErrorCode.OutOfOrderSequenceNumber,
                $"Producer {batch.ProducerId} sent sequence {batch.FirstSequence} to {_topicPartition}; the last one appended is {entry.LastSequence}.");
    }

    /// <summary>Takes note of a batch that is in the log.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="baseOffset">The offset of its first record; at least <see cref="EndOffset"/>.</param>
    /// <param name="nowMs">The time, Unix milliseconds: of the arrival, or of the recovery.</param>
    public void Replay(in ProducerBatch batch, long baseOffset, long nowMs)
    {
        if (baseOffset < EndOffset)
        {
            throw new InvalidOperationException(
                $"A batch at offset {baseOffset} of {_topicPartition} was replayed after the batches below {EndOffset}.");
        }

        EndOffset = baseOffset + batch.LastOffsetDelta + 1;
        if (!batch.HasProducerId || batch.FirstSequence < 0)
        {
            return;
        }

        if (_producers.TryGetValue(batch.ProducerId, out var node))
        {
            _byAge.Remove(node);
        }
        else
        {
            ForgetUntilCount(_maxProducers - 1);
            node = new LinkedListNode<ProducerEntry>(new ProducerEntry(batch.ProducerId, batch.ProducerEpoch));
            _producers.Add(batch.ProducerId, node);
        }

        var entry = node.Value;
        entry.Add(
            batch.ProducerEpoch,
            new AppendedBatch(batch.LastSequence, EndOffset - 1, batch.LastOffsetDelta, batch.MaxTimestampMs));
        entry.LastSeenMs = Math.Max(entry.LastSeenMs, nowMs);
        _byAge.AddLast(node);
    }

    /// <summary>Takes note that the log has no batch below <paramref name="offset"/> that was not replayed.</summary>
    public void SkipTo(long offset) => EndOffset = Math.Max(EndOffset, offset);

    /// <summary>Forgets producers that were not heard of for <paramref name="expirationMs"/> (<c>producer.id.expiration.ms</c>).</summary>
    /// <returns>How many were forgotten.</returns>
    public int Expire(long nowMs, long expirationMs)
    {
        var before = Count;
        while (_byAge.First is { } oldest && nowMs - oldest.Value.LastSeenMs >= expirationMs)
        {
            Forget(oldest);
        }

        return before - Count;
    }

    /// <summary>Forgets everything, for a replay from <paramref name="offset"/> on.</summary>
    public void Reset(long offset)
    {
        _producers.Clear();
        _byAge.Clear();
        EndOffset = offset;
    }

    private void ForgetUntilCount(int count)
    {
        while (Count > count)
        {
            Forget(_byAge.First!);
        }
    }

    private void Forget(LinkedListNode<ProducerEntry> node)
    {
        _byAge.Remove(node);
        _producers.Remove(node.Value.ProducerId);
    }
}
