namespace OrleansStream.Storage.Waiting;

/// <summary>
/// Those who wait until everything below a mark, an offset or an address, is on stable storage. Guarded by the log's lock;
/// whoever is taken out is completed by the caller, outside of it.
/// </summary>
internal sealed class FlushWaiters
{
    private readonly PriorityQueue<TaskCompletionSource, long> _waiters = new();

    /// <summary>How many wait. One who was cancelled counts until its mark is reached.</summary>
    public int Count => _waiters.Count;

    /// <summary>Waits for a mark.</summary>
    public Task WaitAsync(long mark, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Enqueue(waiter, mark);
        return cancellationToken.CanBeCanceled ? waiter.Task.WaitAsync(cancellationToken) : waiter.Task;
    }

    /// <summary>Takes out all whose mark has been reached.</summary>
    public void Take(long reached, List<TaskCompletionSource> taken)
    {
        while (_waiters.TryPeek(out _, out var mark) && mark <= reached)
        {
            taken.Add(_waiters.Dequeue());
        }
    }

    /// <summary>Takes out all who wait for more than a mark: what they wait for will never come.</summary>
    public void TakeAbove(long mark, List<TaskCompletionSource> taken)
    {
        var kept = new List<(TaskCompletionSource Waiter, long Mark)>();
        while (_waiters.TryDequeue(out var waiter, out var wanted))
        {
            if (wanted > mark)
            {
                taken.Add(waiter);
            }
            else
            {
                kept.Add((waiter, wanted));
            }
        }

        _waiters.EnqueueRange(kept);
    }

    /// <summary>Takes out everybody.</summary>
    public void TakeAll(List<TaskCompletionSource> taken) => Take(long.MaxValue, taken);
}
