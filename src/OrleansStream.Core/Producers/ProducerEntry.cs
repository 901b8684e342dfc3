namespace OrleansStream.Core.Producers;

/// <summary>The state of one producer id on one partition: its epoch and its last five batches, oldest first.</summary>
internal sealed class ProducerEntry
{
    /// <summary>How many batches are remembered: as many as an idempotent producer may have in flight (KIP-98).</summary>
    public const int MaxBatches = 5;

    private readonly AppendedBatch[] _batches = new AppendedBatch[MaxBatches];
    private int _head;

    public ProducerEntry(long producerId, short producerEpoch)
    {
        ProducerId = producerId;
        ProducerEpoch = producerEpoch;
    }

    public long ProducerId { get; }

    public short ProducerEpoch { get; private set; }

    /// <summary>When the producer was last heard of: the later of arrival and record timestamp.</summary>
    public long LastSeenMs { get; set; }

    public int BatchCount { get; private set; }

    public int LastSequence => BatchCount == 0 ? SequenceNumber.None : this[BatchCount - 1].LastSequence;

    /// <summary>The remembered batches, oldest first.</summary>
    public AppendedBatch this[int index] => _batches[(_head + index) % MaxBatches];

    public void Add(short producerEpoch, in AppendedBatch batch)
    {
        if (producerEpoch != ProducerEpoch)
        {
            ProducerEpoch = producerEpoch;
            BatchCount = 0;
        }

        if (BatchCount == MaxBatches)
        {
            _head = (_head + 1) % MaxBatches;
            BatchCount--;
        }

        _batches[(_head + BatchCount) % MaxBatches] = batch;
        BatchCount++;
    }

    public bool TryFind(int firstSequence, int lastSequence, out AppendedBatch found)
    {
        for (var i = 0; i < BatchCount; i++)
        {
            found = this[i];
            if (found.FirstSequence == firstSequence && found.LastSequence == lastSequence)
            {
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>One appended batch.</summary>
    internal readonly record struct AppendedBatch(int LastSequence, long LastOffset, int OffsetDelta, long TimestampMs)
    {
        public int FirstSequence => SequenceNumber.Subtract(LastSequence, OffsetDelta);

        public long BaseOffset => LastOffset - OffsetDelta;
    }
}
