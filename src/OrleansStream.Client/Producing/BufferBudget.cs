namespace OrleansStream.Client;

/// <summary>
/// The bytes that undelivered records may take. Taking them is lock-free; whoever finds none waits, first come first
/// served, and while somebody waits nobody else takes any.
/// </summary>
internal sealed class BufferBudget(long limitBytes)
{
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly Lock _gate = new();
    private long _used;
    private int _waiting;

    public long LimitBytes => limitBytes;

    public long UsedBytes => Volatile.Read(ref _used);

    /// <summary>Whether somebody waits: batches must not linger then.</summary>
    public bool IsExhausted => Volatile.Read(ref _waiting) > 0;

    /// <summary>Takes bytes if they are there. An empty buffer always has room, so that a record larger than it is possible.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="hasWaited">Whether the caller has been woken by <see cref="WaitAsync"/>, which lets it go first.</param>
    public bool TryReserve(long bytes, bool hasWaited)
    {
        if (!hasWaited && IsExhausted)
        {
            return false;
        }

        var used = Volatile.Read(ref _used);
        while (used + bytes <= limitBytes || used == 0)
        {
            var found = Interlocked.CompareExchange(ref _used, used + bytes, used);
            if (found == used)
            {
                return true;
            }

            used = found;
        }

        return false;
    }

    public void Release(long bytes)
    {
        Interlocked.Add(ref _used, -bytes);
        if (IsExhausted)
        {
            WakeWaiters();
        }
    }

    /// <summary>Completes when so many bytes may be there; the caller then tries to take them.</summary>
    public async Task WaitAsync(long bytes, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(bytes);
        LinkedListNode<Waiter> node;
        lock (_gate)
        {
            node = _waiters.AddLast(waiter);
            Volatile.Write(ref _waiting, _waiters.Count);
        }

        try
        {
            // What was released before the waiter stood in the list woke nobody.
            WakeWaiters();
            await waiter.Source.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                if (node.List is not null)
                {
                    _waiters.Remove(node);
                    Volatile.Write(ref _waiting, _waiters.Count);
                }
            }

            // Whoever gave up may have stood before somebody whose bytes are there.
            WakeWaiters();
        }
    }

    private void WakeWaiters()
    {
        lock (_gate)
        {
            var free = limitBytes - UsedBytes;
            while (_waiters.First is { } first && (first.Value.Bytes <= free || UsedBytes == 0))
            {
                free -= first.Value.Bytes;
                _waiters.RemoveFirst();
                Volatile.Write(ref _waiting, _waiters.Count);
                first.Value.Source.TrySetResult();
                if (free <= 0)
                {
                    break;
                }
            }
        }
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes { get; } = bytes;

        public TaskCompletionSource Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
