using OrleansStream.Abstractions;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Grains.Partitions;

/// <summary>A validated batch on its way into the log.</summary>
internal sealed class PendingAppend(PartitionProduceRequest request, RecordBatchHeader header, ReadOnlyMemory<byte> records, long deadlineMs)
{
    private TaskCompletionSource? _decided;

    public PartitionProduceRequest Request { get; } = request;

    public RecordBatchHeader Header { get; } = header;

    /// <summary>The bytes to append: the request's own, or a copy where the broker has to change something under the CRC.</summary>
    public ReadOnlyMemory<byte> Records { get; } = records;

    public long DeadlineMs { get; } = deadlineMs;

    /// <summary>
    /// The wait for the batch before it, which may be under way; null unless it was refused for want of that. True when it was
    /// appended: then this one is to be decided on again.
    /// </summary>
    public Task<bool>? Predecessor { get; set; }

    /// <summary>The answer, if it needs no wait for durability.</summary>
    public PartitionProduceResponse? Answer { get; set; }

    /// <summary>The answer once <see cref="Durability"/> has completed without error.</summary>
    public PartitionProduceResponse? AnswerWhenDurable { get; set; }

    /// <summary>The wait for durability; null when there is none.</summary>
    public Task<ErrorCode>? Durability { get; set; }

    /// <summary>Completes when the batch was appended or refused; for a batch that had to queue.</summary>
    public Task WhenDecidedAsync()
        => (_decided = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void SetDecided(Exception? failure)
    {
        if (failure is null)
        {
            _decided?.TrySetResult();
        }
        else
        {
            _decided?.TrySetException(failure);
        }
    }
}
