using OrleansStream.Storage;

namespace OrleansStream.Grains.Partitions;

/// <summary>
/// Lets batches into the log in the order of their arrival, as fast as the log has room. Sequence numbers of idempotent
/// producers are judged at the append, so a later batch must never overtake an earlier one that waits for room.
/// </summary>
/// <remarks>For the grain's turns only. Bounded by bytes.</remarks>
internal sealed class AppendQueue(IPartitionLog log, long maxBytes, Action<PendingAppend> append, CancellationToken stopped)
{
    private readonly Queue<PendingAppend> _waiting = new();
    private long _waitingBytes;
    private Task _pump = Task.CompletedTask;

    /// <summary>Completes when nothing waits any more.</summary>
    public Task WhenEmptyAsync() => _pump;

    /// <summary>Whether another batch of this size may wait.</summary>
    public bool HasRoomFor(int bytes) => _waiting.Count == 0 || _waitingBytes + bytes <= maxBytes;

    /// <summary>Appends at once if the log has room and nobody waits, else queues.</summary>
    /// <returns>Completes when the batch was appended or refused.</returns>
    public Task EnterAsync(PendingAppend batch)
    {
        if (_waiting.Count == 0)
        {
            var room = WaitForRoomAsync(batch);
            if (room.IsCompletedSuccessfully)
            {
                append(batch);
                return Task.CompletedTask;
            }

            // The pump may decide on the batch before it first has to wait.
            var decided = Enqueue(batch);
            _pump = PumpAsync(room);
            return decided;
        }

        return Enqueue(batch);
    }

    private Task Enqueue(PendingAppend batch)
    {
        _waiting.Enqueue(batch);
        _waitingBytes += batch.Records.Length;
        return batch.WhenDecidedAsync();
    }

    private async Task PumpAsync(ValueTask room)
    {
        while (true)
        {
            try
            {
                await room;
            }
            catch (Exception exception) when (exception is LogOfflineException or ObjectDisposedException)
            {
                // The append finds the same and tells why.
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                // The replica was stopped: the append is refused.
            }

            // The head stays in the queue until it is decided, so that nobody overtakes it meanwhile.
            var batch = _waiting.Peek();
            Exception? failure = null;
            try
            {
                append(batch);
            }
            catch (Exception exception)
            {
                // The caller of this batch gets it; those behind are not to hang.
                failure = exception;
            }

            _waiting.Dequeue();
            _waitingBytes -= batch.Records.Length;
            batch.SetDecided(failure);
            if (!_waiting.TryPeek(out var next))
            {
                return;
            }

            room = WaitForRoomAsync(next);
        }
    }

    // Async, so that an error of the log arrives where the wait is awaited.
    private async ValueTask WaitForRoomAsync(PendingAppend batch)
        => await log.WaitForRoomAsync(batch.Records.Length, stopped);
}
