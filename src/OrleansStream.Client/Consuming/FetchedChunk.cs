using OrleansStream.Abstractions;
using OrleansStream.Protocol;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client;

/// <summary>What one fetch brought of one partition: batches, and perhaps a failure behind them.</summary>
internal sealed class FetchedChunk
{
    private RecordBatchEnumerator _batches;

    private FetchedChunk(ReadOnlyMemory<byte> batches, long nextOffset, long highWatermark, ConsumeException? failure)
    {
        _batches = RecordBatch.Enumerate(batches);
        Bytes = batches.Length;
        NextOffset = nextOffset;
        HighWatermark = highWatermark;
        Failure = failure;
    }

    /// <summary>The bytes that have not been taken yet.</summary>
    public int Bytes { get; private set; }

    /// <summary>The offset behind its last batch.</summary>
    public long NextOffset { get; }

    public long HighWatermark { get; }

    /// <summary>What is thrown once the batches are taken; null for nothing.</summary>
    public ConsumeException? Failure { get; }

    /// <summary>Takes an answer apart as far as its framing is sound; null when nothing is in it.</summary>
    public static FetchedChunk? Read(TopicPartition topicPartition, long fetchOffset, PartitionReadResponse answer)
    {
        var nextOffset = fetchOffset;
        var soundBytes = 0;
        string? fault = null;
        Exception? cause = null;
        try
        {
            var batches = RecordBatch.Enumerate(answer.Records);
            while (batches.MoveNext())
            {
                soundBytes = batches.BytesConsumed;
                nextOffset = Math.Max(nextOffset, batches.Current.Header.NextOffset);
            }

            if (soundBytes == 0 && batches.RemainingBytes > 0)
            {
                fault = $"its {batches.RemainingBytes} bytes are not a whole batch";
            }
            else if (soundBytes > 0 && nextOffset == fetchOffset)
            {
                fault = "the batches returned end before it";
                soundBytes = 0;
            }
        }
        catch (ProtocolException exception)
        {
            fault = exception.Message.TrimEnd('.');
            cause = exception;
        }

        if (fault is null)
        {
            return soundBytes == 0 ? null : new FetchedChunk(answer.Records[..soundBytes], nextOffset, answer.HighWatermark, null);
        }

        var failure = new CorruptBatchException(topicPartition, nextOffset, nextOffset + 1, fault, cause);
        return new FetchedChunk(answer.Records[..soundBytes], nextOffset, answer.HighWatermark, failure);
    }

    /// <summary>Nothing but a failure.</summary>
    public static FetchedChunk OfFailure(ConsumeException failure) => new(default, failure.Offset, -1, failure);

    public bool TryTake(out RecordBatch batch)
    {
        if (!_batches.MoveNext())
        {
            batch = default;
            return false;
        }

        batch = _batches.Current;
        Bytes -= batch.Memory.Length;
        return true;
    }
}
