namespace OrleansStream.Storage.Waiting;

/// <summary>
/// Admits appends while the log's buffer has room for them, in the order in which they asked. Guarded by the log's lock;
/// whoever is admitted is completed by the caller, outside of it.
/// </summary>
/// <remarks>
/// Three quarters of the buffer may wait for the disk; the rest is for callers that were admitted together. A batch that is
/// larger than that is admitted when nothing waits.
/// </remarks>
internal sealed class RoomQueue
{
    private readonly Queue<Waiter> _waiters = new();

    // What was admitted and is not flushed yet: a bound from above, for what of it was appended counts as undurable too.
    private long _admitted;

    /// <summary>How many wait.</summary>
    public int Count => _waiters.Count;

    /// <summary>
    /// While the buffer is to be exchanged for a larger one, since other logs gave theirs back, nobody is admitted until
    /// everything is flushed.
    /// </summary>
    public bool IsBufferToGrow { get; set; }

    /// <summary>Admits a caller at once if nobody waits and there is room.</summary>
    /// <param name="bytes">What it will append.</param>
    /// <param name="undurable">The bytes in the buffer that are not on stable storage.</param>
    /// <param name="bufferBytes">The size of the buffer.</param>
    public bool TryAdmit(int bytes, long undurable, int bufferBytes)
    {
        if (_waiters.Count > 0 || !HasRoomFor(bytes, undurable, bufferBytes))
        {
            return false;
        }

        _admitted += bytes;
        return true;
    }

    /// <summary>Waits behind the others.</summary>
    public Task WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(bytes, cancellationToken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _waiters.Enqueue(waiter);
        return waiter.Completion.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Takes out those for whom there is room now; those who were cancelled go without.</summary>
    public void Admit(long undurable, int bufferBytes, List<TaskCompletionSource> admitted)
    {
        while (_waiters.TryPeek(out var waiter))
        {
            if (!waiter.CancellationToken.IsCancellationRequested)
            {
                if (!HasRoomFor(waiter.Bytes, undurable, bufferBytes))
                {
                    break;
                }

                _admitted += waiter.Bytes;
                admitted.Add(waiter.Completion);
            }

            _waiters.Dequeue();
        }
    }

    /// <summary>Gives back what an admitted caller will not append. A flush since has forgotten what was reserved before it.</summary>
    public void Return(int bytes) => _admitted = Math.Max(0, _admitted - bytes);

    /// <summary>Forgets what was admitted: it is flushed, or whoever was admitted does not append any more.</summary>
    public void Forget() => _admitted = 0;

    /// <summary>Takes out everybody.</summary>
    public void TakeAll(List<TaskCompletionSource> taken)
    {
        while (_waiters.TryDequeue(out var waiter))
        {
            taken.Add(waiter.Completion);
        }
    }

    private bool HasRoomFor(int bytes, long undurable, int bufferBytes)
    {
        var waiting = undurable + _admitted;
        return waiting == 0 || (!IsBufferToGrow && waiting + bytes <= bufferBytes / 4 * 3);
    }

    private readonly record struct Waiter(int Bytes, CancellationToken CancellationToken, TaskCompletionSource Completion);
}
