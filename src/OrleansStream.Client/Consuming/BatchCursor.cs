using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>
/// A batch that is being handed out. Only the reader changes it; others may read the next offset.
/// </summary>
internal sealed class BatchCursor(ConsumerPartition partition, int version, RecordBatch batch, long nextOffset, long highWatermark)
{
    private long _nextOffset = nextOffset;

    public ConsumerPartition Partition => partition;

    /// <summary>The partition's version when the batch was taken: with another one it is void.</summary>
    public int Version => version;

    public RecordBatch Batch => batch;

    public long HighWatermark => highWatermark;

    /// <summary>The first offset that is not handed out yet.</summary>
    public long NextOffset
    {
        get => Volatile.Read(ref _nextOffset);
        set => Volatile.Write(ref _nextOffset, value);
    }
}
