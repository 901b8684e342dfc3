using OrleansStream.Core.Producers;

namespace OrleansStream.Grains.Partitions;

/// <summary>
/// Lets a batch that arrived before its predecessor wait for it. An idempotent producer has several batches under way, and
/// Orleans promises no order among calls: what the client sent in order can arrive in any.
/// </summary>
/// <remarks>For the grain's turns only. Bounded by bytes, and by patience: a predecessor that is lost will not come.</remarks>
internal sealed class EarlyBatches(TimeProvider time, CancellationToken stopped)
{
    /// <summary>How long a batch waits: long for calls that merely overtook each other, short against a client's retry.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<(long ProducerId, short ProducerEpoch, int Sequence), TaskCompletionSource> _waiting = [];
    private long _waitingBytes;

    /// <summary>Waits until the batch that ends where this one begins was appended.</summary>
    /// <param name="batch">The batch that came too early.</param>
    /// <param name="maxBytes">The most bytes that may wait here.</param>
    /// <returns>Whether it was; false if it did not come in time, or the batch may not wait.</returns>
    public async Task<bool> WaitForPredecessorAsync(PendingAppend batch, long maxBytes)
    {
        var start = (batch.Header.ProducerId, batch.Header.ProducerEpoch, batch.Header.BaseSequence);
        var size = batch.Records.Length;
        var predecessor = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_waitingBytes + size > maxBytes || !_waiting.TryAdd(start, predecessor))
        {
            return false;
        }

        _waitingBytes += size;
        try
        {
            await predecessor.Task.WaitAsync(Patience, time, stopped);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            _waiting.Remove(start);
            _waitingBytes -= size;
        }
    }

    /// <summary>Wakes the batch that follows this one, if it waits.</summary>
    public void OnAppended(in ProducerBatch batch)
    {
        if (_waiting.Count > 0
            && _waiting.TryGetValue((batch.ProducerId, batch.ProducerEpoch, SequenceNumber.Add(batch.LastSequence, 1)), out var successor))
        {
            successor.TrySetResult();
        }
    }
}
